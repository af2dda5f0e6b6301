/* The query code: copied or printed with one press. Without script it is selected and printed by hand. */
(function () {
  "use strict";
  var code = document.querySelector("[data-code]");
  if (!code) return;
  var said = document.querySelector("[data-code-said]");
  var copy = document.querySelector("[data-code-copy]");
  var print = document.querySelector("[data-code-print]");
  function selectIt() {
    var range = document.createRange();
    range.selectNodeContents(code);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function tell(done) {
    said.textContent = done ? "已复制，请粘贴到稳妥的地方保存。" : "没有复制成功，查询码已选中，请按 Ctrl+C 复制。";
  }
  copy.hidden = print.hidden = false;
  copy.addEventListener("click", function () {
    selectIt();
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(code.textContent).then(function () { tell(true); }, function () { tell(false); });
    } else {
      tell(document.execCommand("copy"));
    }
  });
  print.addEventListener("click", function () { window.print(); });
})();
