/* Keys of a work list. A page asks for them with data-keys on an element that holds rows with
   data-row, or with the help on its keys where nothing is left to do; each row or the page has
   buttons and links with data-key="a". Nothing depends on it. */
(function () {
  "use strict";

  // A dialog that was just closed still has the focus, until the browser draws the page again.
  function typing(target) {
    var dialog = target.closest("dialog");
    if (dialog && !dialog.open) {
      return false;
    }
    return target.closest("input, select, textarea, [contenteditable], dialog") !== null;
  }

  function rows() {
    return Array.from(document.querySelectorAll("[data-keys] [data-row]"));
  }

  function current() {
    return document.querySelector("[data-keys] [data-row][aria-current]");
  }

  function choose(row) {
    if (!row) {
      return;
    }
    rows().forEach(function (other) {
      other.removeAttribute("aria-current");
    });
    row.setAttribute("aria-current", "true");
    row.setAttribute("tabindex", "-1");
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    var all = rows();
    var place = all.indexOf(current());
    choose(all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)]);
  }

  function press(key) {
    var row = current();
    var selector = '[data-key="' + CSS.escape(key) + '"]';
    var button = (row && row.querySelector(selector)) ||
      document.querySelector("main " + selector + ":not([data-row] *)");
    if (!button || button.disabled) {
      return false;
    }
    if (button.matches("input:not([type=submit]), select, textarea")) {
      button.focus();
    } else {
      button.click();
    }
    return true;
  }

  function help() {
    var dialog = document.getElementById("key-help");
    if (dialog && !dialog.open) {
      dialog.showModal();
    }
    return dialog !== null;
  }

  // Somebody who speaks to his computer, or hits keys by accident, can switch the letters off.
  var OFF = "telmee-keys-off";

  function lettersOff() {
    try {
      return window.localStorage.getItem(OFF) === "1";
    } catch (error) {
      return false;
    }
  }

  function switchLetters(box) {
    try {
      window.localStorage.setItem(OFF, box.checked ? "0" : "1");
    } catch (error) {
      box.checked = true;
    }
  }

  document.querySelectorAll("[data-keys-switch]").forEach(function (box) {
    box.checked = !lettersOff();
    box.addEventListener("change", function () {
      switchLetters(box);
    });
  });

  // Who comes back to a list goes on at the row that the address names. Where something is asked
  // first, the page itself names the row, and the focus stays with the question.
  function goOn() {
    var question = document.querySelector("[data-about-row]");
    var name = question ? question.dataset.aboutRow : window.location.hash.slice(1);
    var row = name && document.getElementById(name);
    if (!row || !row.matches("[data-keys] [data-row]")) {
      return;
    }
    if (question) {
      row.setAttribute("aria-current", "true");
    } else {
      choose(row);
    }
  }

  goOn();

  // A browser moves the focus there when it draws the page; a key that comes before would be lost.
  var first = document.querySelector("main [autofocus]");
  if (first) {
    first.focus();
  }

  var moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

  document.addEventListener("keydown", function (event) {
    if (!document.querySelector("[data-keys], #key-help") || event.ctrlKey || event.metaKey ||
        event.altKey || event.isComposing || typing(event.target)) {
      return;
    }
    var done = false;
    if (event.key in moves && !(lettersOff() && event.key.length === 1)) {
      move(moves[event.key]);
      done = rows().length > 0;
    } else if (event.key === "?") {
      done = help();
    } else if (event.key === "Enter") {
      done = event.target === current() && press("Enter");
    } else if (event.key.length === 1 && !event.repeat && !lettersOff()) {
      done = press(event.key.toLowerCase());
    }
    if (done) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-key-help-open]")) {
      help();
    }
  });
})();
