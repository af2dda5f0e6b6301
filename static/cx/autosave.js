/* What is being typed is kept on the server every few seconds. Nothing is stored in the browser; while the
   server cannot be reached the text stays in the page and is sent again. Without script the buttons save. */
(function () {
  "use strict";
  var WAIT = 2000, AT_MOST = 6000, LONGEST = 60000;

  function start(form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    var line = form.querySelector("[data-autosave-status]");
    var sequence = Number(form.elements.sequence.value) || 0;
    var edits = 0, kept = 0, since = 0, failures = 0, timer, sending = false, ended = false, expired = false, leaving = false;

    function say(text, bad) {
      if (line.textContent !== text) line.textContent = text;
      line.classList.toggle("bad", Boolean(bad));
    }
    /* after signing in again in another window the token is a new one: it stands in the page as it is now */
    function renew(html) {
      var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
      if (!fresh) return false;
      Array.prototype.forEach.call(document.querySelectorAll("[name=csrfmiddlewaretoken]"), function (field) { field.value = fresh.value; });
      document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": fresh.value }));
      return true;
    }
    function pending() { return edits !== kept; }
    function count() {
      sequence = Math.max(sequence + 1, Date.now());
      form.elements.sequence.value = String(sequence);
    }
    function packet() {
      count();
      var data = new FormData(form);
      data.delete("do");
      return data;
    }
    function later(delay) {
      clearTimeout(timer);
      timer = setTimeout(send, delay);
    }
    function changed() {
      if (ended) return;
      if (!pending()) since = Date.now();
      edits += 1;
      if (!failures) later(Math.max(0, Math.min(WAIT, since + AT_MOST - Date.now())));
    }
    function again(text) {
      failures += 1;
      say(text, true);
      later(Math.min(LONGEST, 1000 * Math.pow(2, failures)));
    }
    function signIn() {
      failures += 1;
      expired = true;
      say("", true);
      line.append("登录已过期，文字还在这一页。请");
      var link = document.createElement("a");
      link.href = form.dataset.login; link.target = "_blank"; link.rel = "noopener"; link.textContent = "在新窗口登录";
      line.append(link, "，登录后会自动续存。");
      clearTimeout(timer);
      timer = setTimeout(knock, 15000);
    }
    /* signed in again? asked without the text, which stays here until somebody is there to own it */
    function knock() {
      clearTimeout(timer);
      fetch(form.action, { redirect: "manual", headers: { Accept: "text/html" } })
        .then(function (answer) { return answer.ok && answer.type !== "opaqueredirect" ? answer.text() : ""; })
        .then(function (html) {
          if (!html || !renew(html)) { timer = setTimeout(knock, 15000); return; }
          expired = false;
          failures = 0;
          send();
        })
        .catch(function () { timer = setTimeout(knock, 15000); });
    }
    function done(answer, sent) {
      failures = 0;
      kept = sent;
      sequence = Math.max(sequence, answer.sequence);
      if (pending()) { since = Date.now(); later(WAIT); }
      say("已于 " + answer.saved + " 自动保存" + (answer.behind ? "。别的同志保存过新内容，您保存时会逐处比较。" : ""));
      document.dispatchEvent(new CustomEvent("autosave:saved"));
    }
    function refused(answer, sent) {
      var told = (answer.headers.get("Content-Type") || "").indexOf("json") >= 0;
      if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !told)) return signIn();
      if (!told && answer.status !== 404 ) return again("未能保存，正在重试…");
      ended = answer.status !== 413;
      kept = sent;
      return answer.json().then(function (body) { say(body.message, true); }, function () { say("已经不能修改，请刷新页面查看。", true); });
    }
    function send() {
      if (sending || ended || expired || leaving || !pending()) return;
      var sent = edits;
      sending = true;
      fetch(form.dataset.autosave, { method: "POST", body: packet(), redirect: "manual", headers: { Accept: "application/json" } })
        .then(function (answer) {
          if (!answer.ok || answer.type === "opaqueredirect") return refused(answer, sent);
          return answer.json().then(function (body) { done(body, sent); });
        })
        .catch(function () { again("未能保存，正在重试…"); })
        .then(function () { sending = false; if (pending() && !failures && !ended) later(WAIT); });
    }
    function now() {
      if (expired) knock();
      else if (pending() && failures) { failures = 0; later(0); }
    }

    form.addEventListener("input", changed);
    form.addEventListener("submit", function () { count(); leaving = true; clearTimeout(timer); });
    window.addEventListener("online", now);
    window.addEventListener("focus", now);
    window.addEventListener("pageshow", function () { leaving = false; });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden" && pending() && !leaving && !ended && !expired && navigator.sendBeacon) navigator.sendBeacon(form.dataset.autosave, packet());
      else if (document.visibilityState === "visible") now();
    });
    window.addEventListener("beforeunload", function (event) {
      if (pending() && failures && !leaving && !ended) { event.preventDefault(); event.returnValue = ""; }
    });
  }
  function all() { Array.prototype.forEach.call(document.querySelectorAll("form[data-autosave]"), start); }
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSettle", all);
  if (document.readyState !== "loading") all();
})();
