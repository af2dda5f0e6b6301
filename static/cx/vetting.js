/* Progressive enhancement only: whoever chooses 退回 finds the place for the reason open. */
(function () {
  "use strict";
  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.type !== "radio" || field.value !== "return" || !field.checked) return;
    var why = field.closest(".verdict").querySelector(".why");
    if (why) why.open = true;
  });
})();
