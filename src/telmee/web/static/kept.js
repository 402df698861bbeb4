/* What somebody enters where the connection comes and goes. What is typed, and what could not be
   sent, stays on the device, with who typed it, until it was sent or he signs out. Each line has a
   key, so that a line that came through unnoticed is not entered twice. A page without script, or a
   browser that keeps nothing, works as any form does. */
(function () {
  "use strict";

  var NAME = "telmee-kept";
  var STORE = "entries";
  var REACH_MILLISECONDS = 4000;
  var RETRY_MILLISECONDS = 20000;
  var TYPING_MILLISECONDS = 250;
  // What the next line mostly has in common with the last.
  var REPEATED = ["opdracht", "bouwblok", "begin", "eind", "uren_per_week", "leverancier"];

  // Keeping -----------------------------------------------------------------------------------

  function settled(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () {
        resolve(request.result);
      };
      request.onerror = function () {
        reject(request.error);
      };
    });
  }

  function opened() {
    if (!window.indexedDB) {
      return Promise.reject(new Error("this browser keeps nothing"));
    }
    var request = window.indexedDB.open(NAME, 1);
    request.onupgradeneeded = function () {
      request.result.createObjectStore(STORE, { keyPath: "id" });
    };
    return settled(request);
  }

  function within(mode, deed) {
    return opened().then(function (database) {
      var result = settled(deed(database.transaction(STORE, mode).objectStore(STORE)));
      return result.finally(function () {
        database.close();
      });
    });
  }

  // Who signs out leaves nothing, also not of what is under way at that moment.
  var isLeaving = false;

  function put(entry) {
    if (isLeaving) {
      return Promise.resolve();
    }
    return within("readwrite", function (store) {
      return store.put(entry);
    });
  }

  function forget(id) {
    return within("readwrite", function (store) {
      return store.delete(id);
    });
  }

  function forgetEverything() {
    return within("readwrite", function (store) {
      return store.clear();
    });
  }

  function everything() {
    return within("readonly", function (store) {
      return store.getAll();
    });
  }

  // Signing out -------------------------------------------------------------------------------

  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-kept-sign-out]");
    if (!form || form.dataset.cleared) {
      return;
    }
    event.preventDefault();
    isLeaving = true;
    everything().then(function (entries) {
      var unsent = entries.some(function (entry) {
        return entry.kind === "unsent";
      });
      if (unsent && !window.confirm(form.dataset.keptSignOut)) {
        isLeaving = false;
        return "stays";
      }
      return forgetEverything();
    }).catch(function () {
      return "";
    }).then(function (said) {
      if (said !== "stays") {
        form.dataset.cleared = "1";
        form.submit();
      }
    });
  });

  var page = document.querySelector("[data-kept-for]");
  if (!page) {
    return;
  }

  // The form ----------------------------------------------------------------------------------

  var who = page.dataset.keptFor;
  var url = page.dataset.keptUrl;
  var typingId = "typing " + who;
  var isTyping = false;
  var timer = 0;

  function form() {
    return document.querySelector("form.entry");
  }

  function newKey() {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return Array.from(bytes, function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
  }

  function passesForBsn(digits) {
    var sum = Array.from(digits.padStart(9, "0")).reduce(function (total, digit, place) {
      return total + Number(digit) * (place === 8 ? -1 : 9 - place);
    }, 0);
    return sum % 11 === 0 && Number(digits) > 0;
  }

  function holdsBsn(text) {
    return (text.match(/\d(?:[ .\-/]?\d){7,8}(?!\d)/g) || []).some(function (number) {
      return passesForBsn(number.replace(/\D/g, ""));
    });
  }

  // Everything that was filled in, and whether there may be a BSN in it; numbers alone are none.
  function filled(from) {
    var entry = { fields: [], photo: null, bsn: false };
    new FormData(from).forEach(function (value, name) {
      if (value instanceof File) {
        entry.photo = value.size ? value : entry.photo;
      } else if (name !== "csrfmiddlewaretoken") {
        var field = from.elements[name];
        var isText = field && field.matches && field.matches("textarea, input:not([inputmode])");
        if (isText && name !== "key" && holdsBsn(value)) {
          entry.bsn = true;
        } else {
          entry.fields.push([name, value]);
        }
      }
    });
    return entry;
  }

  function keyOf(entry) {
    var pair = entry.fields.find(function (field) {
      return field[0] === "key";
    });
    return pair ? pair[1].replace(/-/g, "") : "";
  }

  function keepTyping() {
    window.clearTimeout(timer);
    if (!form() || !isTyping) {
      return Promise.resolve();
    }
    var entry = Object.assign(filled(form()), { id: typingId, who: who, kind: "typing" });
    return put(entry).catch(function () {});
  }

  document.addEventListener("input", noteTyping);
  document.addEventListener("change", noteTyping);
  window.addEventListener("pagehide", keepTyping);

  function noteTyping(event) {
    if (event.target.closest("form.entry")) {
      isTyping = true;
      window.clearTimeout(timer);
      timer = window.setTimeout(keepTyping, TYPING_MILLISECONDS);
    }
  }

  // Without a connection the live answers wait; the browser would only say that they failed.
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (!window.navigator.onLine && event.target.closest("form.entry")) {
      event.preventDefault();
    }
  });

  function putPhoto(photo) {
    var box = document.querySelector('form.entry input[type="file"]');
    if (box && photo && window.DataTransfer) {
      var files = new DataTransfer();
      files.items.add(photo);
      box.files = files.files;
    }
  }

  // Fields depend on contract and block, so the server draws the form, and keeps nothing of it.
  function fillIn(entry) {
    var values = {};
    entry.fields.forEach(function (field) {
      if (field[0] !== "doen") {
        values[field[0]] = field[0] in values ? [].concat(values[field[0]], field[1]) : field[1];
      }
    });
    if (form()) {
      window.htmx.trigger(form(), "htmx:abort"); // what the form that goes away still asks
    }
    return window.htmx.ajax("POST", url, { target: "#entry", values: values }).then(function () {
      if (!form() || keyOf(filled(form())) !== keyOf(entry)) {
        throw new Error("the server drew another page: signed out, or it failed");
      }
      putPhoto(entry.photo);
      isTyping = true;
      return keepTyping();
    });
  }

  function restore() {
    return everything().then(function (entries) {
      var typed = entries.find(function (entry) {
        return entry.id === typingId;
      });
      // What came back from the server has everything in it but the photo.
      if (!typed || !("keptFresh" in page.dataset)) {
        putPhoto(typed && typed.photo);
        return null;
      }
      if (keyOf(typed) === page.dataset.keptDone.replace(/-/g, "")) {
        return forget(typingId);
      }
      return fillIn(typed).then(function () {
        say("restored");
      });
    });
  }

  // Without a connection ----------------------------------------------------------------------

  function say(word) {
    document.querySelectorAll("[data-kept-says]").forEach(function (sentence) {
      sentence.hidden = sentence.dataset.keptSays !== word;
      if (!sentence.hidden) {
        document.getElementById("said").textContent = sentence.textContent.trim();
      }
    });
  }

  function isReached() {
    if (!window.navigator.onLine) {
      return Promise.resolve(false);
    }
    var stop = new AbortController();
    var late = window.setTimeout(function () {
      stop.abort();
    }, REACH_MILLISECONDS);
    return window.fetch("/healthz", { cache: "no-store", signal: stop.signal }).then(function () {
      return true;
    }, function () {
      return false;
    }).finally(function () {
      window.clearTimeout(late);
    });
  }

  function labelOf(from) {
    return ["opdracht", "bouwblok", "persoon", "bedrag", "begin"].map(function (name) {
      var field = from.elements[name];
      var option = field && field.selectedOptions && field.selectedOptions[0];
      return option ? option.textContent.trim() : field ? field.value : "";
    }).filter(Boolean).join(" · ");
  }

  function nextLine(from) {
    Array.from(from.elements).forEach(function (field) {
      if (field.name === "key") {
        field.value = newKey();
      } else if (field.type === "checkbox" || field.type === "radio") {
        field.checked = false;
      } else if (field.name && field.type !== "hidden" && !REPEATED.includes(field.name) &&
          field.name !== "doen") {
        field.value = "";
      }
    });
    isTyping = false;
    var first = Array.from(from.querySelectorAll("#line-fields input")).find(function (field) {
      return !field.value && field.type !== "file" && field.type !== "checkbox";
    });
    if (first) {
      first.focus();
    }
  }

  function keepUnsent(from, doing) {
    var entry = filled(from);
    if (entry.bsn) {
      say("bsn");
      return Promise.resolve();
    }
    entry.fields.push(["doen", doing]);
    Object.assign(entry, {
      id: keyOf(entry),
      who: who,
      kind: "unsent",
      label: labelOf(from),
      keptAt: Date.now()
    });
    return put(entry).then(function () {
      return forget(typingId);
    }).then(function () {
      nextLine(from);
      say("kept");
      return show();
    }).catch(function () {
      say("full");
    });
  }

  document.addEventListener("submit", function (event) {
    var from = event.target;
    if (!from.matches("form.entry") || from.dataset.going) {
      return;
    }
    event.preventDefault();
    var button = event.submitter;
    isReached().then(function (isOnline) {
      if (!isOnline) {
        return keepUnsent(from, button ? button.value : "nog-een");
      }
      from.dataset.going = "1";
      return keepTyping().then(function () {
        from.requestSubmit(button);
        delete from.dataset.going;
      });
    });
  });

  // Sending -----------------------------------------------------------------------------------

  function unsent() {
    return everything().then(function (entries) {
      return entries.filter(function (entry) {
        return entry.kind === "unsent" && entry.who === who;
      }).sort(function (one, other) {
        return one.keptAt - other.keptAt;
      });
    });
  }

  function sendOne(entry) {
    var body = new FormData();
    entry.fields.forEach(function (field) {
      body.append(field[0], field[1]);
    });
    if (entry.photo) {
      body.append("foto", entry.photo, entry.photo.name);
    }
    body.append("csrfmiddlewaretoken", form().elements.csrfmiddlewaretoken.value);
    return window.fetch(url, {
      method: "POST",
      body: body,
      redirect: "manual",
      headers: { "X-Telmee-Kept": "1" }
    }).then(function (answer) {
      if (answer.status === 204) {
        return forget(entry.id).then(function () {
          return "sent";
        });
      }
      entry.state = answer.status === 422 || answer.status === 404 ? "refused" :
        answer.type === "opaqueredirect" || answer.status === 403 ? "signed-out" : "waits";
      return put(entry).then(function () {
        return entry.state;
      });
    });
  }

  // What became of each line that was sent; one for which nobody is there stops the others.
  function inTurn(entries) {
    if (!entries.length) {
      return Promise.resolve([]);
    }
    return sendOne(entries[0]).then(function (state) {
      var isOver = state === "waits" || state === "signed-out";
      return (isOver ? Promise.resolve([]) : inTurn(entries.slice(1))).then(function (states) {
        return [state].concat(states);
      });
    });
  }

  var isSending = false;

  function send() {
    if (isSending || !form()) {
      return Promise.resolve();
    }
    isSending = true;
    return unsent().then(function (entries) {
      var waiting = entries.filter(function (entry) {
        return entry.state !== "refused";
      });
      return waiting.length ? isReached().then(function (isOnline) {
        return isOnline ? inTurn(waiting) : [];
      }) : [];
    }).then(function (states) {
      if (isLeaving) {
        return null;
      }
      if (states.includes("sent") && !isTyping) {
        window.location.reload();
        return null;
      }
      // The connection is back, so nothing says any more that there is none.
      var word = ["refused", "signed-out", "sent"].find(function (state) {
        return states.includes(state);
      });
      if (word && page.querySelector('[data-kept-says="' + word + '"]').hidden) {
        say(word);
      }
      return show();
    }).catch(function () {}).finally(function () {
      isSending = false;
    });
  }

  function show() {
    return unsent().then(function (entries) {
      var list = page.querySelector("[data-kept-list]");
      list.replaceChildren.apply(list, entries.map(row));
      page.querySelector("[data-kept-unsent]").hidden = !entries.length;
    });
  }

  function row(entry) {
    var item = document.getElementById("kept-line").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-kept-label]").textContent = entry.label;
    item.querySelectorAll("[data-kept-state]").forEach(function (word) {
      word.hidden = word.dataset.keptState !== (entry.state || "waits");
    });
    item.querySelector("[data-kept-open]").addEventListener("click", function () {
      fillIn(entry).then(function () {
        return forget(entry.id);
      }, function () {
        return null;
      }).then(show);
    });
    item.querySelector("[data-kept-drop]").addEventListener("click", function () {
      forget(entry.id).then(show);
    });
    return item;
  }

  page.addEventListener("click", function (event) {
    if (event.target.closest("[data-kept-forget]")) {
      isTyping = false;
      window.clearTimeout(timer);
      forget(typingId).then(function () {
        window.location.assign(url);
      });
    }
  });
  window.addEventListener("online", send);
  window.setInterval(send, RETRY_MILLISECONDS);
  everything().then(function () {
    page.querySelector("[data-kept-ahead]").hidden = false;
  }).catch(function () {});
  restore().catch(function () {}).then(show).then(send).catch(function () {});
})();
