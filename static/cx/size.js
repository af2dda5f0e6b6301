/* Runs before the first paint: the visitor's choice of large type, kept in a cookie that public pages never send back into the page. */
(function () {
  "use strict";
  var wanted = /(?:^|; )size=lg(?:;|$)/.test(document.cookie) || /[?&]size=lg(?:&|$)/.test(location.search);
  if (wanted) document.documentElement.dataset.size = "lg";
})();
