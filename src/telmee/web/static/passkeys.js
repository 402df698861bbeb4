/* Says so when a passkey does not open the account: the library only writes it to the console. */
document.addEventListener("allauth.error", function (event) {
  "use strict";

  var words = document.getElementById("passkey-failed");
  if (words) {
    event.preventDefault();
    words.hidden = false;
  }
});
