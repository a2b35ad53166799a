// What scripts add to pages that already work without them: menus that close, one submit a form,
// drafts, unread messages, display modes, printing. No inline code, no eval; runs on engines as old as Chromium 86.
(function () {
  "use strict";

  const each = (selector, act, root) => Array.prototype.forEach.call((root || document).querySelectorAll(selector), act);

  // Elements are prepared once, when the page loads or when htmx brings them.
  const preparations = [];
  const whenever = (selector, act) => {
    const done = new WeakSet();
    const once = (element) => {
      if (done.has(element)) return;
      done.add(element);
      act(element);
    };
    preparations.push((root) => {
      if (root.matches && root.matches(selector)) once(root);
      each(selector, once, root);
    });
  };
  const prepare = (root) => preparations.forEach((preparation) => preparation(root));

  // -- menus -------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    each("details.menu[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    each("details.menu[open]", (menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // -- display modes: a cookie the server reads, so that no page flickers -------------------------
  whenever("[data-mode]", (button) => button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    const name = button.dataset.mode;
    const value = button.dataset.modeValue;
    document.cookie = name + "=" + (on ? value : "") + "; path=/; max-age=" + (on ? 31536000 : 0) + "; samesite=lax";
    document.documentElement.classList.toggle(name === "type" ? "large-type" : "high-contrast", on);
    each('[data-mode="' + name + '"]', (twin) => twin.setAttribute("aria-pressed", String(on)));
    document.dispatchEvent(new CustomEvent("modechange"));
  }));

  const say = (parent, tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.textContent = text;
    parent.appendChild(element);
    return element;
  };

  // -- no submit into nowhere: the browser's own page for it would take what was typed with it ---------
  const unsent = (form) => {
    const found = form.querySelector("[data-draft-status], [data-unsent]");
    if (found) return found;
    const made = say(form, "p", "draft", "");
    made.setAttribute("data-unsent", "");
    return made;
  };
  const kept = (form) => {
    const line = unsent(form);
    line.setAttribute("role", "alert");
    line.classList.add("draft-failed");
    line.textContent = "网络断开，没有提交；文字和所选材料都在本页，请不要关闭，恢复后再提交一次";
    window.addEventListener("online", () => {
      line.classList.remove("draft-failed");
      line.textContent = "网络已恢复，请再提交一次";
    }, { once: true });
  };
  // A browser on the server itself, a machine without a network, calls itself offline and yet reaches it.
  const reached = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (navigator.onLine !== false || form.method !== "post" || reached.delete(form)) return;
    event.preventDefault();
    event.stopPropagation();
    fetch("/healthz", { cache: "no-store" }).then(() => {
      reached.add(form);
      form.requestSubmit(event.submitter);
    }, () => kept(form));
  }, true);

  // -- one submit a form ---------------------------------------------------------------------------
  const buttonsOf = (form) => Array.prototype.filter.call(form.elements, (element) => element.type === "submit");
  const release = (form) => buttonsOf(form).forEach((button) => {
    if (button.getAttribute("aria-busy") !== "true") return;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // After the browser has collected the values: a disabled button would not be sent.
    window.setTimeout(() => {
      if (event.defaultPrevented) return;
      buttonsOf(form).forEach((button) => {
        if (button.disabled) return;
        button.setAttribute("aria-busy", "true");
        button.disabled = true;
      });
      // A download leaves the page where it is.
      if (form.hasAttribute("data-download") || form.target === "_blank") window.setTimeout(release, 3000, form);
    }, 0);
  });
  window.addEventListener("pageshow", () => each("form", release));

  whenever("form[data-autosubmit]", (form) => form.addEventListener("change", (event) => {
    if (event.target.type !== "search" && event.target.type !== "text") form.submit();
  }));
  // On a phone further conditions, optional fields and what is read seldom fold away unless in use or in error.
  whenever("details.filter-more, details.optional-fields, details.phone-fold", (fold) => {
    const used = Array.prototype.some.call(fold.querySelectorAll("select, textarea, input:not([type=hidden])"), (field) => (field.type === "checkbox" ? field.checked : field.value) || field.getAttribute("aria-invalid"));
    if (window.matchMedia("(max-width: 767.98px)").matches && !used) fold.open = false;
  });
  // A link into a fold opens it.
  const unfold = () => {
    const target = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target) target.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  // What the problem is goes on paper in full; what was done, as it stands on the screen.
  window.addEventListener("beforeprint", () => each(".zone-what details.more:not([open]), details.whole:not([open])", (fold) => { fold.open = fold.printed = true; }));
  window.addEventListener("afterprint", () => each("details", (fold) => { if (fold.printed) fold.open = fold.printed = false; }));
  whenever("[data-print]", (button) => button.addEventListener("click", () => window.print()));

  // -- what has to be corrected is read first ------------------------------------------------------
  whenever("[data-focus]", (notice) => notice.focus());

  // -- a file that was downloaded: the page takes over what the server now says of it ---------------
  const LEFT = "file-left";
  const took = () => document.cookie.split("; ").indexOf(LEFT + "=1") >= 0;
  const forget = () => { document.cookie = LEFT + "=; path=/; max-age=0; samesite=lax"; };
  const renew = () => window.fetch(window.location.href, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
    .then((response) => (response.ok ? response.text() : ""))
    .then((text) => {
      const fresh = new DOMParser().parseFromString(text, "text/html");
      ["messages", "exports"].forEach((id) => {
        const old = document.getElementById(id);
        const now = fresh.getElementById(id);
        if (old && now) old.replaceWith(document.adoptNode(now));
      });
    })
    .catch(() => {});
  const watch = () => {
    forget();
    let left = 240;
    const timer = window.setInterval(() => {
      left -= 1;
      if (!took() && left) return;
      window.clearInterval(timer);
      if (took()) {
        forget();
        renew();
      }
    }, 500);
  };
  whenever("a[data-download]", (link) => link.addEventListener("click", watch));
  whenever("form[data-download]", (form) => form.addEventListener("submit", (event) => {
    if (!event.submitter || !event.submitter.hasAttribute("formaction")) watch();
  }));

  // -- characters left -----------------------------------------------------------------------------
  whenever("textarea[data-counter][maxlength]", (area) => {
    const words = document.createElement("p");
    words.className = "counter";
    words.setAttribute("aria-live", "polite");
    area.insertAdjacentElement("afterend", words);
    const count = () => {
      const left = area.maxLength - area.value.length;
      words.textContent = left < area.maxLength / 5 ? "还可填 " + left + " 字" : "";
    };
    area.addEventListener("input", count);
    count();
  });

  // -- drafts: what was typed survives an expired sign-in ------------------------------------------
  const KEPT = ["text", "search", "number", "date", "tel", "email", "textarea", "select-one", "select-multiple"];
  const values = (form) => {
    const body = new URLSearchParams();
    Array.prototype.forEach.call(form.elements, (element) => {
      if (!element.name || element.disabled || KEPT.indexOf(element.type) < 0) return;
      if (element.type === "select-multiple") {
        Array.prototype.forEach.call(element.selectedOptions, (option) => body.append(element.name, option.value));
      } else body.append(element.name, element.value);
    });
    return body;
  };
  whenever("form[data-draft-url]", (form) => {
    const status = form.querySelector("[data-draft-status]");
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    let saved = values(form).toString();
    let sending = "";
    let timer = 0;
    let sent = false;
    let failing = false;
    const tell = (words, bad) => {
      failing = bad;
      if (!status) return;
      status.textContent = words;
      status.classList.toggle("draft-failed", bad);
    };
    const clock = () => {
      const now = new Date();
      return ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2);
    };
    const answered = (response, text) => {
      if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
        tell("登录已过期，文字保留在本页：请在新窗口登录，再回到本页提交", true);
        return null;
      }
      if (!response.ok) {
        tell("草稿没有存上，文字保留在本页，请不要关闭", true);
        return null;
      }
      saved = text;
      return response.text().then((answer) => {
        let at = "";
        try { at = JSON.parse(answer).saved_at || ""; } catch (error) { at = ""; }
        tell("草稿已保存 " + (at || clock()), false);
      });
    };
    const save = () => {
      window.clearTimeout(timer);
      timer = 0;
      const typed = values(form);
      const text = typed.toString();
      if (sent || text === saved || text === sending) return;
      sending = text;
      // As a form of parts a Chinese character takes three bytes and not nine: the longest draft still goes out
      // while the page is left, for which browsers allow 64 KB.
      const body = new FormData();
      let size = 0;
      typed.forEach((value, name) => {
        body.append(name, value);
        size += new Blob([name, value]).size + 200;
      });
      body.append("draft_key", form.dataset.draftKey || "");
      const headers = { "X-Requested-With": "fetch" };
      if (token) headers["X-CSRFToken"] = token.value;
      window.fetch(form.dataset.draftUrl, { method: "POST", body, headers, credentials: "same-origin", redirect: "manual", keepalive: size < 63000 })
        .then((response) => answered(response, text))
        .catch(() => tell("网络断开，文字保留在本页，请不要关闭", true))
        .then(() => { sending = ""; });
    };
    form.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(save, 2000);
    });
    form.addEventListener("submit", () => {
      sent = true;
      window.clearTimeout(timer);
    });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
    window.addEventListener("pagehide", save);
    window.addEventListener("online", save);
    window.addEventListener("pageshow", () => { sent = false; });
    // Only when the server could not keep it: leaving would lose it.
    window.addEventListener("beforeunload", (event) => {
      if (!failing || sent || values(form).toString() === saved) return;
      event.preventDefault();
      event.returnValue = "";
    });
  });

  // -- unread messages: one light request a minute at most, and none while nobody looks --------------
  whenever("[data-unread-url]", (bell) => {
    const number = bell.querySelector("[data-unread]");
    let asked = Date.now();
    let ended = false;
    const show = (count) => {
      number.textContent = count > 99 ? "99+" : String(count);
      number.parentNode.hidden = !count;
    };
    const ask = () => {
      if (ended || document.visibilityState !== "visible" || Date.now() - asked < 60000) return;
      asked = Date.now();
      window.fetch(bell.dataset.unreadUrl, { credentials: "same-origin", redirect: "manual", headers: { "X-Requested-With": "fetch" } })
        .then((response) => {
          if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) ended = true;
          return response.ok ? response.json() : null;
        })
        .then((answer) => { if (answer && typeof answer.unread === "number") show(answer.unread); })
        .catch(() => {});
    };
    window.setInterval(ask, 60000);
    document.addEventListener("visibilitychange", ask);
  });

  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.target));
}());
