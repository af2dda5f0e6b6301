/* Organization picker: a text field becomes an ARIA combobox over GET <url>?q=…&name=….
   The answer is a fragment of <li role="option" data-value="ID" data-label="NAME">NAME <small>superior</small></li>.
   Without script the text itself (NAME_q) is sent, and the server looks it up. */
(function () {
  "use strict";
  function start(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    var input = box.querySelector("input[type=text]");
    var hidden = box.querySelector("input[type=hidden]");
    var list = box.querySelector("[role=listbox]");
    var status = box.querySelector("[role=status]");
    var timer, request, active = -1, options = [];
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    close();

    function close() {
      list.hidden = true; active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function mark(index) {
      if (options[active]) options[active].removeAttribute("aria-selected");
      active = (index + options.length) % options.length;
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    }
    function choose(option) {
      hidden.value = option.dataset.value;
      input.value = option.dataset.label;
      status.textContent = "已选 " + option.dataset.label;
      close();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function show(html) {
      list.innerHTML = html;
      options = Array.prototype.slice.call(list.querySelectorAll("[role=option]"));
      options.forEach(function (option, index) { option.id = list.id + "-" + index; });
      active = -1;
      status.textContent = options.length ? "找到 " + options.length + " 个，用上下键选择" : "没有找到";
      if (!options.length) list.innerHTML = '<li class="none" role="presentation">没有找到。换个字，或输入编号试试。</li>';
      list.hidden = false;
      input.setAttribute("aria-expanded", String(options.length > 0));
    }
    function ask() {
      var words = input.value.trim();
      if (request) request.abort();
      if (!words) { close(); return; }
      request = new AbortController();
      var query = "?q=" + encodeURIComponent(words) + "&name=" + encodeURIComponent(box.dataset.name);
      fetch(box.dataset.picker + query, { signal: request.signal, headers: { "HX-Request": "true" } })
        .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
        .then(show)
        .catch(function (error) { if (error.name !== "AbortError") { close(); status.textContent = "暂时查不到，请稍后再试"; } });
    }
    input.addEventListener("input", function () {
      hidden.value = "";
      clearTimeout(timer);
      timer = setTimeout(ask, 200);
    });
    input.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "Escape") { if (!list.hidden) { event.preventDefault(); close(); } return; }
      if (event.key === "ArrowDown" && list.hidden) { event.preventDefault(); ask(); return; }
      if (list.hidden || !options.length) return;
      if (event.key === "ArrowDown") { event.preventDefault(); mark(active + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(active < 0 ? -1 : active - 1); }
      if (event.key === "Enter" && active >= 0) { event.preventDefault(); choose(options[active]); }
    });
    input.addEventListener("blur", function () { setTimeout(close, 150); });
    list.addEventListener("mousedown", function (event) {
      var option = event.target.closest("[role=option]");
      if (option) { event.preventDefault(); choose(option); }
    });
  }
  function all() { Array.prototype.forEach.call(document.querySelectorAll("[data-picker]"), start); }
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSettle", all);
  if (document.readyState !== "loading") all();
})();
