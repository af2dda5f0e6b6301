/* The entry page without a reload: a row is sent when it is left or on Enter; what has not arrived stays in the page
   and in this browser, under the account, until it has. Without script the buttons save. */
(function () {
  "use strict";
  var RETRY = 5000, LONGEST = 60000, DAYS = 14;

  function start(form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    var rows = Array.prototype.map.call(form.querySelectorAll("[data-row]"), function (box) { return new Row(form, box); });
    form.cxRows = rows;
    function rowOf(element) { return rows.filter(function (row) { return row.box.contains(element); })[0]; }

    form.addEventListener("input", function (event) { var row = rowOf(event.target); if (row) row.edited(); });
    form.addEventListener("change", function (event) { var row = rowOf(event.target); if (row && !row.dirty && row.differs()) row.edited(); });
    form.addEventListener("focusout", function (event) {
      var row = rowOf(event.target);
      if (row && row.dirty && !row.choosing && !row.box.contains(event.relatedTarget)) row.send();
    });
    form.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.shiftKey || event.altKey) return;
      var row = rowOf(event.target), tag = event.target.tagName;
      if (!row || tag === "BUTTON" || tag === "SUMMARY" || tag === "A" || (tag === "SELECT" && !event.ctrlKey)) return;
      event.preventDefault();
      if (row.dirty) row.send();
      next(row);
    });
    /* the next one below that is not yet filled in; after the last, from the top */
    function next(row) {
      var at = rows.indexOf(row), order = rows.slice(at + 1).concat(rows.slice(0, at));
      var open = order.filter(function (other) { return !other.isComplete(); })[0];
      if (open) open.focus();
      else form.querySelector("button[value=submit]").focus();
    }
    form.addEventListener("click", function (event) {
      var use = event.target.closest("[data-use]"), button = event.target.closest("button[value^='save:']"), row;
      if (use) { row = rowOf(use); row.choose(use.dataset.use); return; }
      if (button) { event.preventDefault(); row = rowOf(button); if (row.dirty || row.differs()) row.send(true); else row.say(row.status.dataset.saved); }
    });
    /* what leaves the page goes with everything typed; without network it stays here */
    form.addEventListener("submit", function (event) {
      var stuck = rows.filter(function (row) { return row.choosing || row.failed || row.refused; });
      if (navigator.onLine && !stuck.length) { rows.forEach(function (row) { row.leaving = true; }); return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      var line = form.querySelector("[data-all-status]");
      line.textContent = navigator.onLine ? "还有没存上的：" + stuck.map(function (row) { return row.name; }).join("、") + "。请先处理这几行。"
        : "现在没有网络，没有提交。写的内容都在本机，网络恢复后自动保存，再提交。";
      line.classList.add("bad");
      if (navigator.onLine) stuck[0].focus(); else line.focus();
    });
    function again() { rows.forEach(function (row) { if (row.dirty && !row.choosing && !row.refused) row.send(); }); }
    window.addEventListener("online", again);
    window.addEventListener("focus", function () { rows.forEach(function (row) { if (row.failed) row.send(); }); });
    window.addEventListener("pageshow", function () { rows.forEach(function (row) { row.leaving = false; }); });
    window.addEventListener("beforeunload", function (event) {
      if (!rows.some(function (row) { return row.dirty && !row.leaving && !row.kept; })) return;
      event.preventDefault();
      event.returnValue = "";
    });
    tidy();
    leftover(form);
    rows.forEach(function (row) { row.restore(); });
    again();
  }

  function Row(form, box) {
    this.form = form;
    this.box = box;
    this.pk = box.dataset.row;
    this.name = box.querySelector("h3").textContent;
    this.store = "cx-entry:" + form.dataset.entry + ":" + this.pk;
    this.status = box.querySelector("[data-status]");
    this.mark = document.querySelector("[data-mark='" + this.pk + "']");
    this.edits = 0;
    this.delay = RETRY;
    this.saved = this.values();
    if ("bad" in box.dataset) { /* posted, and not saved: what is wrong stands at the row */
      this.dirty = this.refused = true;
      this.keep();
      this.say("未保存", "bad");
    }
    if (!box.querySelector("[data-conflict]").hidden) this.clash(null);
  }
  Row.prototype.fields = function () { return this.box.querySelectorAll("input[name], textarea[name], select[name]"); };
  Row.prototype.values = function () {
    var values = {};
    Array.prototype.forEach.call(this.fields(), function (field) { values[field.name] = field.value; });
    return values;
  };
  Row.prototype.typed = function (values) {
    var own = this.pk + "-", typed = {};
    Object.keys(values).forEach(function (name) { if (name !== own + "version" && name !== own + "keys") typed[name] = values[name]; });
    return JSON.stringify(typed);
  };
  Row.prototype.differs = function () { return this.typed(this.values()) !== this.typed(this.saved); };
  Row.prototype.put = function (values) {
    Array.prototype.forEach.call(this.fields(), function (field) { if (field.name in values) field.value = values[field.name]; });
    Array.prototype.forEach.call(this.box.querySelectorAll("details.more-slot"), function (more) {
      if (Array.prototype.some.call(more.querySelectorAll("input, textarea"), function (field) { return field.value; })) more.open = true;
    });
  };
  Row.prototype.field = function (name) { return this.box.querySelector("[name='" + this.pk + "-" + name + "']"); };
  Row.prototype.isComplete = function () {
    var row = this;
    return ["category", "content_1", "aim", "due_1"].every(function (name) { var field = row.field(name); return !field || field.value.trim(); });
  };
  Row.prototype.focus = function () {
    var row = this, names = ["category", "content_1", "due_1", "aim"];
    var empty = names.filter(function (name) { var field = row.field(name); return field && !field.value.trim(); })[0];
    (this.field(empty || "category") || this.fields()[0]).focus();
  };
  Row.prototype.say = function (text, sort) {
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("bad", sort === "bad");
    this.status.classList.toggle("good", sort === "good");
    this.box.classList.toggle("is-unsaved", this.dirty || false);
    if (!this.mark) return;
    this.mark.className = this.dirty ? "mark-unsaved" : this.isComplete() ? "mark-ready" : "mark-open";
    this.mark.querySelector("[data-mark-text]").textContent = this.dirty ? "，未保存" : this.isComplete() ? "，可以提交" : "，待填写";
  };
  Row.prototype.edited = function () {
    this.edits += 1;
    this.dirty = true;
    this.refused = false;
    this.keep();
    if (!this.choosing) this.say("未保存");
  };
  Row.prototype.keep = function () {
    try {
      localStorage.setItem(this.store, JSON.stringify({ at: Date.now(), values: this.values() }));
      this.kept = true;
    } catch (full) { this.kept = false; }
  };
  Row.prototype.forget = function () {
    try { localStorage.removeItem(this.store); } catch (refused) { /* nothing is kept there then */ }
    this.kept = false;
  };
  Row.prototype.restore = function () {
    var found = null;
    try { found = JSON.parse(localStorage.getItem(this.store) || "null"); } catch (broken) { found = null; }
    if (!found || !found.values) return;
    if (this.typed(found.values) === this.typed(this.values())) { if (!this.dirty) this.forget(); return; }
    this.put(found.values);
    this.edits += 1;
    this.dirty = this.kept = true;
    this.say("未保存：上次写的，还没有送到", "bad");
  };
  Row.prototype.errors = function (errors) {
    Array.prototype.forEach.call(this.box.querySelectorAll("[data-error]"), function (line) {
      var text = errors[line.dataset.error] || "", box = line.parentNode, field = box.querySelector("input, textarea, select");
      line.textContent = text;
      line.hidden = !text;
      box.classList.toggle("bad", Boolean(text));
      if (text) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", line.id); }
      else { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }
    });
  };
  Row.prototype.send = function () {
    if (this.sending) { this.waiting = true; return; }
    clearTimeout(this.timer);
    var row = this, sent = this.edits, data = new FormData(), values = this.values();
    data.append("entry", this.form.dataset.entry);
    data.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    Object.keys(values).forEach(function (name) { data.append(name, values[name]); });
    this.sending = true;
    this.say("正在保存…");
    fetch(this.box.dataset.url, { method: "POST", body: data, redirect: "manual", headers: { Accept: "application/json" } })
      .then(function (answer) {
        var told = (answer.headers.get("Content-Type") || "").indexOf("json") >= 0;
        if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !told)) return row.signIn();
        if (!told) return row.later(answer.status === 404 ? "这名党员已不在这里的名册上，没有保存。" : "没有存上，稍后自动再试。写的内容留在本机。", answer.status === 404);
        return answer.json().then(function (body) { row.answered(answer.status, body, sent); });
      })
      .catch(function () { row.later("没有网络，未保存。写的内容留在本机，网络恢复后自动保存。"); })
      .then(function () {
        row.sending = false;
        if (row.waiting && row.dirty) { row.waiting = false; row.send(); }
        row.waiting = false;
      });
  };
  Row.prototype.answered = function (status, body, sent) {
    this.failed = false;
    this.delay = RETRY;
    if (status === 200) this.done(body, sent);
    else if (body.errors) { this.refused = true; this.errors(body.errors); this.say("未保存：" + Object.keys(body.errors).map(function (name) { return body.errors[name]; }).join(""), "bad"); }
    else if (body.conflict) this.clash(body);
    else { this.refused = true; this.say("未保存：" + body.message, "bad"); }
  };
  Row.prototype.done = function (body, sent) {
    this.errors({});
    this.hideClash();
    var own = this.pk + "-";
    this.field("version").value = String(body.version);
    if (sent === this.edits) {
      this.dirty = this.refused = false;
      this.forget();
      this.put(body.fields);
      this.saved = this.values();
      this.status.dataset.saved = body.saved ? "已保存 " + body.saved : "未填写";
      this.say(this.status.dataset.saved, "good");
    } else {
      this.keep();
      if (body.fields[own + "keys"] && this.field("keys")) this.say("未保存");
      if (!this.box.contains(document.activeElement)) this.waiting = true;
    }
    var missing = this.box.querySelector("[data-missing]");
    missing.hidden = !body.missing.length || sent !== this.edits;
    missing.textContent = "提交前还缺：" + body.missing.join("");
  };
  Row.prototype.later = function (text, never) {
    var row = this;
    this.failed = true;
    this.say(text, "bad");
    if (never) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(function () { row.send(); }, this.delay);
    this.delay = Math.min(LONGEST, this.delay * 2);
  };
  /* the session has ended: after signing in in another window the token of the page is a new one */
  Row.prototype.signIn = function () {
    var row = this, link = document.createElement("a");
    this.failed = true;
    this.say("", "bad");
    link.href = this.form.dataset.login; link.target = "_blank"; link.rel = "noopener"; link.textContent = "在新窗口登录";
    this.status.append("登录已过期，写的内容还在这一页。请", link, "，登录后会自动续存。");
    clearTimeout(this.timer);
    this.timer = setTimeout(function knock() {
      fetch(row.form.action, { redirect: "manual", headers: { Accept: "text/html" } })
        .then(function (answer) { return answer.ok && answer.type !== "opaqueredirect" ? answer.text() : ""; })
        .then(function (html) {
          var fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("#entry [name=csrfmiddlewaretoken]");
          if (!fresh) { row.timer = setTimeout(knock, 15000); return; }
          row.form.elements.csrfmiddlewaretoken.value = fresh.value;
          row.send();
        })
        .catch(function () { row.timer = setTimeout(knock, 15000); });
    }, 15000);
  };
  Row.prototype.clash = function (body) {
    var panel = this.box.querySelector("[data-conflict]"), list = panel.querySelector("[data-theirs]");
    this.choosing = true;
    this.dirty = true;
    this.theirs = body;
    if (body) {
      list.textContent = "";
      body.conflict.forEach(function (text) { var item = document.createElement("li"); item.textContent = text; list.append(item); });
      Array.prototype.forEach.call(panel.querySelectorAll("[data-use]"), function (button) { button.hidden = false; });
    }
    panel.hidden = false;
    this.say("未保存：别的同志保存过这一行，请选用哪一份", "bad");
  };
  Row.prototype.hideClash = function () {
    this.choosing = false;
    this.box.querySelector("[data-conflict]").hidden = true;
  };
  Row.prototype.choose = function (whose) {
    var theirs = this.theirs;
    this.hideClash();
    if (whose === "theirs") {
      this.put(theirs.fields);
      this.saved = this.values();
      this.dirty = false;
      this.forget();
      this.say("已用已保存的内容", "good");
    } else {
      this.field("version").value = String(theirs.version);
      this.send();
    }
    this.focus();
  };

  /* written here, and meanwhile the row was filed or closed: the text is shown, not thrown away */
  function leftover(form) {
    var own = "cx-entry:" + form.dataset.entry + ":", names = [];
    try { names = Object.keys(localStorage).filter(function (name) { return name.indexOf(own) === 0; }); } catch (refused) { return; }
    names.forEach(function (name) {
      var pk = name.slice(own.length), box = document.getElementById("m-" + pk), found, note, button;
      if (!box || box.dataset.row) return;
      try { found = JSON.parse(localStorage.getItem(name)).values; } catch (broken) { return; }
      note = document.createElement("p");
      note.className = "row-status bad";
      note.textContent = "上次写在本机、没有送到的文字：" + Object.keys(found).filter(function (field) { return /content|aim/.test(field) && found[field]; })
        .map(function (field) { return found[field]; }).join("；") + " ";
      button = document.createElement("button");
      button.type = "button"; button.className = "btn btn-quiet"; button.textContent = "不要了";
      button.addEventListener("click", function () { localStorage.removeItem(name); note.remove(); });
      note.append(button);
      box.append(note);
    });
  }

  /* what nobody came back for does not stay in the browser for ever */
  function tidy() {
    try {
      Object.keys(localStorage).forEach(function (name) {
        if (name.indexOf("cx-entry:") !== 0) return;
        var found = JSON.parse(localStorage.getItem(name) || "null");
        if (!found || Date.now() - found.at > DAYS * 86400000) localStorage.removeItem(name);
      });
    } catch (refused) { /* no storage, nothing to tidy */ }
  }
  function all() { Array.prototype.forEach.call(document.querySelectorAll("form[data-entry]"), start); }
  document.addEventListener("DOMContentLoaded", all);
  if (document.readyState !== "loading") all();
})();
