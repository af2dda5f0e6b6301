/* Progressive enhancement only: every page works without it. */
(function () {
  "use strict";
  var root = document.documentElement;
  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function find(selector, within) { return (within || document).querySelector(selector); }

  /* 大字版: the link becomes a switch in place */
  function showSize() {
    each(document.querySelectorAll("[data-size-toggle]"), function (link) {
      var text = root.dataset.size === "lg" ? "标准字" : "大字版";
      var label = find(".tool-text", link);
      if (label) label.textContent = text;
      if (link.hasAttribute("aria-label")) link.setAttribute("aria-label", text);
    });
  }
  function toggleSize() {
    var large = root.dataset.size !== "lg";
    if (large) root.dataset.size = "lg"; else delete root.dataset.size;
    document.cookie = "size=" + (large ? "lg" : "") + ";path=/;max-age=" + (large ? 31536000 : 0) + ";samesite=lax";
    showSize();
  }

  /* steps with a reason: the panel of the disclosure is lifted into a modal dialog */
  function openStep(details) {
    var dialog = details.cxDialog;
    if (!dialog) {
      var panel = find(".step-panel", details);
      var heading = find("h2", panel);
      dialog = document.createElement("dialog");
      heading.id = heading.id || "step-" + Math.random().toString(36).slice(2);
      dialog.setAttribute("aria-labelledby", heading.id);
      dialog.appendChild(panel);
      each(panel.querySelectorAll("[data-close]"), function (button) { button.hidden = false; });
      details.parentNode.insertBefore(dialog, details.nextSibling);
      details.cxDialog = dialog;
      dialog.addEventListener("close", function () { find("summary", details).focus(); });
    }
    details.open = false;
    dialog.showModal();
    var first = find("textarea, input:not([type=hidden]), select", dialog);
    if (first) first.focus();
  }

  /* a step asked for in the page's dialog: htmx fetches the panel of the page the link leads to. What is not that
     panel (signed out, refused, broken) is left to the plain page, which says what to do and keeps the text. */
  function askStep(link) {
    var dialog = document.getElementById(link.dataset.dialog);
    var kept = dialog.cxLink === link && find("form", dialog);
    dialog.cxLink = link;
    if (!kept) { window.htmx.trigger(link, "ask"); return; }
    dialog.showModal();
    (find("textarea", kept) || kept).focus();
  }
  function isStep(target) { return target.nodeName === "DIALOG"; }
  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (!isStep(detail.target) || detail.xhr.responseText.indexOf('id="panel"') >= 0) return;
    detail.shouldSwap = false;
    var asked = detail.requestConfig.elt;
    if (asked.submit) asked.submit(); else location.assign(asked.href);
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (isStep(event.detail.target) && !event.detail.target.open) event.detail.target.showModal();
  });
  document.addEventListener("htmx:sendError", function (event) {
    var elt = event.detail.elt;
    if (!isStep(event.detail.target)) return;
    var note = find("[data-offline]", elt);
    if (note) { note.hidden = false; note.focus(); } else location.assign(elt.href);
  });
  document.addEventListener("close", function (event) {
    if (event.target.cxLink) event.target.cxLink.focus();
  }, true);

  document.addEventListener("click", function (event) {
    var target = event.target;
    if (!target.closest) return;
    if (target.closest("[data-size-toggle]")) { event.preventDefault(); toggleSize(); return; }
    var summary = target.closest("[data-step] > summary");
    if (summary && window.HTMLDialogElement) { event.preventDefault(); openStep(summary.parentNode); return; }
    var link = target.closest("a[data-dialog]");
    if (link && window.htmx && window.HTMLDialogElement && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      askStep(link);
      return;
    }
    var close = target.closest("[data-close]");
    if (close && close.closest("dialog")) { close.closest("dialog").close(); return; }
    var fold = target.closest("[data-fold]");
    if (fold) setFold(fold, fold.getAttribute("aria-expanded") === "true");
    each(document.querySelectorAll("[data-menu][open]"), function (menu) { if (!menu.contains(target)) menu.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = find("[data-menu][open]");
    if (menu) { menu.open = false; find("summary", menu).focus(); }
    if (location.hash === "#nav") location.hash = "main";
  });

  /* filters: on a phone only the first field shows until asked */
  function setFold(button, folded) {
    button.setAttribute("aria-expanded", String(!folded));
    button.lastChild.textContent = folded ? "更多条件" : "收起条件";
    button.closest("form").classList.toggle("is-folded", folded);
  }
  function foldFilters() {
    each(document.querySelectorAll("[data-fold]"), function (button) {
      var form = button.closest("form");
      if (!button.hidden || !find(".filters-rest", form)) return;
      button.hidden = false;
      if (!find(".filters-rest .error", form)) setFold(button, true); /* what is chosen stands below as chips */
    });
  }

  /* characters written */
  document.addEventListener("input", function (event) {
    var field = event.target;
    if (field.id && field.maxLength > 0) {
      var left = find('[data-left="' + field.id + '"]');
      if (left) left.lastChild.textContent = field.value.length + " / " + field.maxLength + " 字";
    }
    var search = field.closest && field.closest("[data-filter-for]");
    if (search) filterList(search, field.value);
  });

  /* long lists: find in place */
  function filterList(box, text) {
    var words = text.trim().toLowerCase();
    var shown = 0;
    each(document.getElementById(box.dataset.filterFor).children, function (item) {
      item.hidden = words !== "" && item.textContent.toLowerCase().indexOf(words) < 0;
      if (!item.hidden) shown += 1;
    });
    find("[role=status]", box).textContent = words ? "找到 " + shown + " 个" : "";
  }
  document.addEventListener("toggle", function (event) {
    var item = event.target.parentNode;
    if (item && item.parentNode && item.parentNode.classList.contains("tree-cols")) item.classList.toggle("is-open", event.target.open);
  }, true);

  /* a form is sent once */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-again")) return;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
  });
  window.addEventListener("pageshow", function () {
    each(document.querySelectorAll("[data-sent]"), function (form) { form.removeAttribute("data-sent"); });
  });

  function settle() {
    showSize();
    foldFilters();
    each(document.querySelectorAll("[data-filter-for][hidden]"), function (box) { box.hidden = false; });
    var summary = find("[data-focus]");
    if (summary) { summary.removeAttribute("data-focus"); summary.focus(); }
  }
  document.addEventListener("DOMContentLoaded", settle);
  document.addEventListener("htmx:afterSettle", settle);
  if (document.readyState !== "loading") settle();
})();
