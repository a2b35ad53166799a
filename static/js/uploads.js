// Chosen files: names, sizes, what cannot be taken, and a way back. Each is sent ahead of its form and its progress
// shown; what has arrived is kept whatever becomes of the form. Without scripts the form carries its files itself.
(function () {
  "use strict";

  // A page with two places for files names this script twice.
  if (document.documentElement.dataset.uploads) return;
  document.documentElement.dataset.uploads = "1";

  const size = (bytes) => bytes < 1024 * 1024 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1024 / 1024).toFixed(1) + " MB";
  const say = (parent, tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.textContent = text;
    parent.appendChild(element);
    return element;
  };
  const hidden = (parent, name, value) => {
    const field = say(parent, "input", "", "");
    field.type = "hidden";
    field.name = name;
    field.value = value;
  };
  const boxes = [];

  // What became of a file: "own" travels with the form, "waits", "moves", "kept" by the server, "late" to be tried again.
  const ahead = (entry) => entry.state === "waits" || entry.state === "moves";
  const answerOf = (request) => {
    try { return JSON.parse(request.responseText); } catch (error) { return {}; }
  };

  const prepare = (box) => {
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector("[data-upload-list]");
    const form = input.form;
    const limit = Number(input.dataset.maxBytes || 0);
    const endings = input.accept ? input.accept.toLowerCase().split(",").map((ending) => ending.trim()) : [];
    const proof = form && form.querySelector("[name=draft_token]");
    const url = proof ? box.dataset.stageUrl : "";
    const same = (one, other) => one.name === other.name && one.size === other.size;
    let entries = [];

    const problemOf = (file) => {
      const ending = "." + file.name.split(".").pop().toLowerCase();
      if (limit && file.size > limit) return "超过 " + size(limit).replace(".0", "") + "，请压缩或分开后再选";
      if (!file.size) return "是空文件，请核对";
      if (endings.length && endings.indexOf(ending) < 0) return "这种文件不能上传，请换成 " + endings.map((e) => e.slice(1)).join("、");
      return "";
    };
    const ask = (fields) => {
      const body = new FormData();
      Object.keys(fields).forEach((name) => body.append(name, fields[name]));
      body.append("draft_token", proof.value);
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.setRequestHeader("X-Requested-With", "fetch");
      return { request, go: () => request.send(body) };
    };

    const show = () => {
      const carried = new DataTransfer();
      entries.filter((entry) => entry.state !== "kept").forEach((entry) => carried.items.add(entry.file));
      input.files = carried.files;
      list.textContent = "";
      entries.forEach(line);
      input.setCustomValidity(entries.some((entry) => entry.problem) ? "有文件不能上传，请移除后重新选择。" : "");
    };
    const line = (entry) => {
      const row = say(list, "li", "", "");
      say(row, "span", "file", entry.file.name);
      say(row, "span", "muted", size(entry.file.size));
      if (entry.problem) say(row, "span", "upload-problem", entry.problem);
      if (ahead(entry)) {
        entry.bar = say(row, "progress", "", "");
        entry.bar.max = 100;
        entry.bar.value = entry.percent;
        entry.bar.setAttribute("aria-label", "上传 " + entry.file.name);
        entry.words = say(row, "span", "muted", "");
        entry.words.setAttribute("aria-hidden", "true");
        advance(entry);
      }
      if (entry.state === "kept") {
        say(row, "span", "muted", "已传到，提交后入账");
        hidden(row, input.name === "files" ? "kept_file" : "kept_file-" + input.name, entry.key);
      }
      if (entry.state === "late" && !entry.problem) say(row, "span", "upload-problem", "还没有传到，提交时再传");
      const away = say(row, "button", "btn btn-small", "移除");
      away.type = "button";
      away.setAttribute("aria-label", "移除 " + entry.file.name);
      away.addEventListener("click", () => {
        remove(entry);
        input.focus();
      });
    };
    const advance = (entry) => {
      entry.bar.value = entry.percent;
      entry.words.textContent = entry.state === "waits" ? "等待上传" : entry.percent < 100 ? "已传 " + entry.percent + "%" : "正在核对";
    };
    const remove = (entry) => {
      entries = entries.filter((other) => other !== entry);
      if (entry.request) entry.request.abort();
      if (entry.state === "kept") ask({ drop: entry.key }).go();
      show();
      next();
    };
    const add = (files) => {
      const fresh = Array.prototype.filter.call(files, (file) => !entries.some((entry) => same(file, entry.file)));
      entries = (input.multiple ? entries : []).concat(fresh.map((file) => {
        const problem = problemOf(file);
        return { file, problem, state: url && !problem ? "waits" : "own", percent: 0 };
      }));
      show();
      next();
    };

    // One after another, so that each has an end in sight.
    const next = () => {
      const entry = entries.find((one) => one.state === "waits");
      if (!entry || entries.some((one) => one.state === "moves")) return settled();
      entry.state = "moves";
      const { request, go } = ask({ field: input.name, file: entry.file });
      entry.request = request;
      request.upload.addEventListener("progress", (event) => {
        entry.percent = event.lengthComputable ? Math.round(event.loaded / event.total * 100) : 0;
        if (entry.bar) advance(entry);
      });
      request.addEventListener("loadend", () => {
        entry.request = null;
        if (entries.indexOf(entry) >= 0) arrived(entry, request);
      });
      show();
      go();
      return undefined;
    };
    const arrived = (entry, request) => {
      const answer = answerOf(request);
      entry.key = answer.key;
      entry.problem = answer.error || "";
      // Signed out meanwhile: the form carries the file, and is kept with it for after the sign-in.
      const own = entry.problem || (request.status && request.status < 500);
      entry.state = entry.key ? "kept" : own ? "own" : "late";
      show();
      next();
    };
    const settled = () => document.dispatchEvent(new CustomEvent("uploads-settled"));

    boxes.push({
      form,
      isAhead: () => entries.some(ahead),
      isLate: () => entries.some((entry) => entry.state === "late"),
      retry: () => {
        entries.forEach((entry) => { if (entry.state === "late") entry.state = "waits"; });
        next();
      },
    });
    input.addEventListener("change", () => add(input.files));
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.classList.add("is-over");
    });
    box.addEventListener("dragleave", () => box.classList.remove("is-over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("is-over");
      add(event.dataTransfer.files);
    });
    if (input.files.length) add(input.files);
  };

  // -- a form waits for its files; what cannot arrive holds it back, with everything on the page -----------
  const tell = (form, words) => {
    const status = form.querySelector("[data-draft-status], [data-unsent]");
    if (!status) return;
    status.setAttribute("role", "alert");
    status.classList.toggle("draft-failed", Boolean(words));
    status.textContent = words;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const own = boxes.filter((box) => box.form === form);
    if (event.defaultPrevented) return;
    own.filter((box) => box.isLate()).forEach((box) => box.retry());
    if (!own.some((box) => box.isAhead())) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.held) return;
    form.dataset.held = "1";
    tell(form, "正在上传所选的文件，传完自动提交");
    const button = event.submitter;
    const go = () => {
      if (own.some((box) => box.isAhead())) return;
      document.removeEventListener("uploads-settled", go);
      delete form.dataset.held;
      if (own.some((box) => box.isLate())) {
        tell(form, "没有提交：服务器暂时收不了文件。文字和所选的文件都在本页，请不要关闭，稍后再提交一次");
        return;
      }
      tell(form, "");
      form.requestSubmit(button);
    };
    document.addEventListener("uploads-settled", go);
  }, true);

  Array.prototype.forEach.call(document.querySelectorAll("[data-upload]"), prepare);
}());
