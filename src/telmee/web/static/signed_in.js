/* A page that stands open for long. Five minutes before its session ends it asks whether somebody is
   still there; somebody who types is. A form is not sent by who is no longer signed in, or is
   somebody else by now: what was typed would be lost, or stand in another name. Signing in in another
   tab is enough to go on. Without script the session ends as it does, and a form says so. */
(function () {
  "use strict";

  var dialog = document.getElementById("signed-in");
  if (!dialog) {
    return;
  }
  var SOON_SECONDS = 300;
  var FIRST_LOOK_MILLISECONDS = 10 * 60 * 1000;
  var SURE_MILLISECONDS = 5 * 60 * 1000;
  var RETRY_MILLISECONDS = 60 * 1000;

  var answeredAt = Date.now();
  var timer = 0;

  function isSure() {
    return Date.now() - answeredAt < SURE_MILLISECONDS;
  }

  function lookIn(milliseconds) {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, milliseconds);
  }

  // Signing in again changes the token that a form has to bring.
  function bringToken(token) {
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (field) {
      field.value = token;
    });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  }

  // How it stands with the reader of this page: signed out, somebody else, soon out, or he can go on.
  function standing(state) {
    window.clearTimeout(timer);
    if (String(state.who) !== dialog.dataset.who) {
      return state.who === null ? "out" : "other";
    }
    var isSoon = state.seconds <= SOON_SECONDS;
    answeredAt = Date.now();
    bringToken(state.token);
    lookIn((isSoon ? state.seconds + 1 : state.seconds - SOON_SECONDS) * 1000);
    return isSoon ? "soon" : "on";
  }

  function ask(method) {
    var headers = JSON.parse(document.body.getAttribute("hx-headers"));
    var request = { method: method, headers: headers, cache: "no-store" };
    return window.fetch(dialog.dataset.url, request).then(function (answer) {
      return answer.json();
    }).then(standing);
  }

  function show(word) {
    if (word === "on") {
      dialog.close();
      return;
    }
    dialog.querySelectorAll("[data-signed-in-says]").forEach(function (part) {
      part.hidden = part.dataset.signedInSays !== word;
    });
    if (!dialog.open) {
      dialog.showModal();
    }
  }

  // Without a connection nothing is known: it looks again.
  function look() {
    return ask("GET").then(show, function () {
      lookIn(RETRY_MILLISECONDS);
    });
  }

  function stay() {
    answeredAt = Date.now();
    return ask("POST").then(function (word) {
      show(word === "soon" ? "last" : word);
    }, look);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var sends = (form.getAttribute("method") || "").toLowerCase() === "post";
    if (!sends || form.dataset.signedIn || isSure()) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    var send = function () {
      form.dataset.signedIn = "1";
      form.requestSubmit(event.submitter);
      delete form.dataset.signedIn;
    };
    ask("GET").then(function (word) {
      if (word === "out" || word === "other") {
        show(word);
      } else {
        send();
      }
    }, send);
  }, true);

  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status === 401) {
      look();
    }
  });

  document.addEventListener("input", function () {
    if (!isSure()) {
      stay();
    }
  });

  // A computer that slept kept no time.
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && !isSure()) {
      look();
    }
  });

  dialog.addEventListener("click", function (event) {
    if (event.target.closest("[data-signed-in-stay]")) {
      stay();
    } else if (event.target.closest("[data-signed-in-look]")) {
      look();
    } else if (event.target.closest("[data-signed-in-close]")) {
      dialog.close();
    }
  });

  lookIn(FIRST_LOOK_MILLISECONDS);
})();
