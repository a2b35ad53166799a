// The wall renews itself once a minute; while the server cannot be reached it keeps what it last knew and says so.
(function () {
  "use strict";

  const EVERY = 60000;
  const late = (error) => {
    const now = document.querySelector("[data-wall-now]");
    if (now.classList.contains("wall-late")) return;
    now.classList.add("wall-late");
    now.textContent += error.message === "ended" ? "，之后登录已结束，请刷新本页重新登录" : "，之后没有连上";
  };
  const renew = () => window.fetch(window.location.href, { credentials: "same-origin", redirect: "manual", cache: "no-store" })
    .then((response) => (response.ok ? response.text() : Promise.reject(new Error(response.type === "opaqueredirect" ? "ended" : "failed"))))
    .then((text) => {
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("wall");
      if (fresh) document.getElementById("wall").replaceWith(document.adoptNode(fresh));
    })
    .catch(late);
  window.setInterval(renew, EVERY);
}());
