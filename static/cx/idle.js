/* Two minutes before the session goes idle, say so and offer to continue; afterwards keep what was typed. */
(function () {
  "use strict";
  var body = document.body;
  var limit = Number(body && body.dataset.idleSeconds) * 1000;
  if (!limit || !window.HTMLDialogElement) return;
  var WARNING = 120000;
  var touched = Date.now();
  var dialog, text, button;

  function build() {
    dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "idle-title");
    dialog.innerHTML = '<h2 id="idle-title">即将退出登录</h2><p aria-live="polite"></p><div class="acts"><button class="btn btn-primary" type="button">继续办理</button></div>';
    text = dialog.querySelector("p");
    button = dialog.querySelector("button");
    button.addEventListener("click", goOn);
    body.appendChild(dialog);
  }
  function say(title, words) {
    if (!dialog) build();
    dialog.querySelector("h2").textContent = title;
    if (text.textContent !== words) text.textContent = words;
    if (!dialog.open) dialog.showModal();
  }
  function token() {
    try { return JSON.parse(body.getAttribute("hx-headers"))["x-csrftoken"]; } catch (error) { return ""; }
  }
  function goOn() {
    fetch(body.dataset.keepalive, { method: "POST", headers: { "X-CSRFToken": token() }, redirect: "manual" })
      .then(function (answer) {
        if (answer.status === 204) { touched = Date.now(); share(); dialog.close(); return; }
        say("已经退出登录", "太久没有操作。您填写的内容还在这一页：请在新窗口重新登录，再回来提交；若提示页面停留太久，内容会原样列出，可以复制。");
        button.hidden = true;
        if (!dialog.querySelector("a")) {
          var link = document.createElement("a");
          link.className = "btn btn-primary"; link.textContent = "在新窗口登录"; link.target = "_blank"; link.href = "/desk/";
          var shut = document.createElement("button");
          shut.className = "btn"; shut.type = "button"; shut.textContent = "回到这一页"; shut.setAttribute("data-close", "");
          dialog.querySelector(".acts").append(link, shut);
          link.focus();
        }
      })
      .catch(function () { say("网络不通", "没有连上服务器。您填写的内容还在这一页，请检查网络后再点“继续办理”。"); });
  }
  /* another tab of the same session counts too */
  function share() { try { localStorage.setItem("touched", String(touched)); } catch (error) { /* private mode */ } }
  window.addEventListener("storage", function (event) {
    if (event.key !== "touched") return;
    touched = Math.max(touched, Number(event.newValue));
    if (!dialog || Date.now() - touched >= limit - WARNING) return;
    button.hidden = false;
    if (dialog.open) dialog.close();
  });
  function renewed() { touched = Date.now(); share(); }
  document.addEventListener("htmx:afterRequest", function (event) {
    var config = event.detail.requestConfig;
    if (!(config && config.headers["X-Poll"])) renewed(); /* a piece that refreshes itself is nobody's presence */
  });
  document.addEventListener("autosave:saved", renewed);
  share();

  setInterval(function () {
    var left = limit - (Date.now() - touched);
    if (left > WARNING) return;
    if (button && button.hidden) return; /* said already that it is over */
    var minutes = Math.max(1, Math.ceil(left / 60000));
    if (left > 0) say("即将退出登录", "太久没有操作，约 " + minutes + " 分钟后会自动退出。点“继续办理”就不会退出，已填写的内容不受影响。");
    else say("可能已经退出登录", "太久没有操作。点“继续办理”看看能否接着办；已填写的内容还在这一页。");
  }, 5000);
})();
