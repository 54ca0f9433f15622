"use strict";

// Text of a log and of a report goes into the page as text alone; nothing is built from markup.

const AROUND = 3; // lines that are shown around a line that is lit
const byId = (id) => document.getElementById(id);
const state = { log: "", context: {}, report: null, asked: 0 };

function make(name, { text, className, ...more } = {}, ...children) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  Object.assign(element, more);
  element.append(...children);
  return element;
}

function say(text) {
  byId("status").textContent = text;
}

async function ask() {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const token = byId("token").value;
  if (token) headers.Authorization = `Bearer ${token}`;
  say("Explaining …");
  const body = JSON.stringify({ log: state.log, context: state.context, shell: byId("shell").value });
  state.asked += 1;
  const turn = state.asked;
  let reply;
  let found;
  try {
    reply = await fetch("v1/explain", { method: "POST", headers, body });
    found = await reply.json();
  } catch {
    found = null;
  }
  if (turn !== state.asked) return false; // something else was asked since
  if (!found) {
    say(reply ? `The server answers ${reply.status}, and no report.` : "The server does not answer.");
    return false;
  }
  if (reply.ok) {
    state.report = found;
    say("");
    show(found);
    return true;
  }
  byId("token-row").hidden = reply.status !== 401;
  say(`${found.title || "It did not work"}. ${found.detail || ""}`);
  return false;
}

function show(report) {
  byId("report").hidden = false;
  byId("summary").textContent = report.summary;
  showBeside(report);
  showQuestion(report.questions[0]);
  showGiven();
  showCauses(report.failures);
  showRemedies(report.remedies);
  showLines(report);
}

function showBeside(report) {
  const parts = [];
  const { other_error: other, next_command: next } = report;
  if (other) {
    parts.push(make("p", { text: `It failed for another reason, in line ${other.line}:` }));
    parts.push(make("pre", { tabIndex: 0 }, make("code", { text: other.text })));
  } else if (report.verdict === "clean") {
    const text = "If it failed all the same, paste all that was printed, from the command on.";
    parts.push(make("p", { text }));
  }
  if (next && !report.questions.length) {
    parts.push(make("p", { text: `What would tell: ${next.title}` }), commandBlock(next.command));
  }
  byId("beside").replaceChildren(...parts);
}

function showQuestion(question) {
  byId("question").hidden = !question;
  if (!question) return;
  byId("question-text").textContent = question.text;
  byId("question-why").textContent = question.why;
  byId("question-command").replaceChildren(
    ...question.commands.slice(0, 1).map((command) => commandBlock(command.command)),
  );
  const likeliest = [...question.answers].sort((a, b) => b.probability - a.probability).slice(0, 6);
  const others = question.answers.filter((answer) => !likeliest.includes(answer));
  byId("answers").replaceChildren(
    ...question.answers
      .filter((answer) => likeliest.includes(answer))
      .map((answer) => answerButton(question, answer)),
    answerButton(question, { id: "unknown", text: "I cannot tell" }),
  );
  byId("other-answers").hidden = !others.length;
  byId("other-answers-list").replaceChildren(
    ...others.map((answer) => answerButton(question, answer)),
  );
  byId("printed-row").hidden = !question.paste;
  byId("printed").value = "";
  byId("printed-send").onclick = () => {
    if (byId("printed").value.trim()) goOn(question.id, byId("printed").value);
  };
}

function answerButton(question, answer) {
  return make("button", {
    type: "button",
    text: answer.text,
    onclick: () => goOn(question.id, answer.id),
  });
}

async function goOn(question, answer) {
  const before = { ...state.context };
  state.context[question] = answer;
  if (!(await ask())) {
    state.context = before;
    return;
  }
  if (state.report.questions.some((asked) => asked.id === question)) {
    state.context = before;
    showGiven();
    say("Nothing was recognised in that.");
  }
  byId("report").focus();
}

function showGiven() {
  const given = Object.entries(state.context);
  byId("given").hidden = given.length === 0;
  byId("given-list").replaceChildren(
    ...given.map(([question, answer]) =>
      make(
        "li",
        {},
        make("code", { text: `${question}: ${answer.slice(0, 60)}` }),
        " ",
        make("button", {
          type: "button",
          className: "copy",
          text: `Take back ${question}`,
          onclick: () => {
            delete state.context[question];
            ask();
          },
        }),
      ),
    ),
  );
}

function showCauses(failures) {
  const explained = failures.filter((failure) => failure.causes.length);
  const several = explained.length > 1;
  byId("causes-section").hidden = explained.length === 0;
  byId("causes").replaceChildren(
    ...explained.flatMap((failure) => {
      const again = failure.outcome === "recovered" ? ", where a retry succeeded" : "";
      const heads = several || again ? [make("h4", { text: `${where(failure.endpoint)}${again}` })] : [];
      return [...heads, make("ol", {}, ...failure.causes.map(causeItem))];
    }),
  );
}

function where({ host, port, via_proxy: proxy }) {
  if (host) return port && port !== 443 ? `${host}:${port}` : host;
  return typeof proxy === "string" ? `proxy ${proxy}` : "no host named";
}

function causeItem(cause, place) {
  const percent = Math.min(Math.round(cause.probability * 100), 99);
  const filled = make("span");
  filled.style.width = `${percent}%`;
  const bar = make("span", { className: "bar" }, filled);
  bar.setAttribute("aria-hidden", "true");
  const explanation = make("p", { className: "note", text: cause.explanation });
  return make(
    "li",
    {},
    make("strong", { text: cause.title }),
    ` ${percent} % `,
    make("code", { text: cause.id }),
    bar,
    place === 0 ? explanation : make("details", {}, make("summary", { text: "What that is" }), explanation),
  );
}

function showRemedies(remedies) {
  byId("remedies-section").hidden = remedies.length === 0;
  const shell = byId("shell").value;
  byId("remedies").replaceChildren(
    ...remedies.map((remedy, place) => {
      const steps = remedy.steps.filter((step) => ["any", shell].includes(step.shell));
      const item = make("details", { open: place === 0 });
      const title = make("summary", { text: `${remedy.title} ` }, make("code", { text: remedy.id }));
      if (remedy.verification !== "keeps") {
        const words = { weakens: "weakens verification", off: "switches verification off" };
        title.append(" ", make("span", { className: "warning", text: words[remedy.verification] }));
      }
      item.append(title);
      if (remedy.caution) item.append(make("p", { className: "warning", text: remedy.caution }));
      for (const step of steps) {
        item.append(make("p", { text: step.text }));
        if (step.command) item.append(commandBlock(step.command));
      }
      const used = remedy.inputs.filter((input) =>
        steps.some((step) => `${step.text}${step.command}`.includes(input.example)),
      );
      for (const input of used) {
        item.append(make("p", { className: "note", text: `For ${input.example} put ${input.text}` }));
      }
      return make("li", {}, item);
    }),
  );
}

function commandBlock(command) {
  const copy = make("button", { type: "button", className: "copy", text: "Copy" });
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select it, and copy";
    }
  };
  const text = make("pre", { tabIndex: 0 }, make("code", { text: command }));
  return make("div", { className: "command" }, text, copy);
}

function showLines(report) {
  const lines = state.log.replace(/\n$/, "").split("\n");
  const whys = new Map();
  for (const failure of report.failures) {
    for (const item of failure.causes.slice(0, 1).flatMap((cause) => cause.evidence)) {
      for (let line = item.line; line <= item.end_line; line += 1) {
        if (!whys.has(line)) whys.set(line, new Set());
      }
      whys.get(item.line).add(item.why);
      // what was said beside the log stands after it
      lines[item.line - 1] ||= item.text.replace(/^pipcert-context: /, "You said: ");
    }
  }
  const list = make("ol");
  let last = 0;
  lines.forEach((text, index) => {
    const number = index + 1;
    let near = lines.length <= 200;
    for (let line = number - AROUND; line <= number + AROUND && !near; line += 1) near = whys.has(line);
    if (!near) return;
    if (number > last + 1) list.append(gap(number - last - 1));
    last = number;
    const shown = make("span", { className: "t", text });
    for (const why of whys.get(number) || []) shown.append(make("em", { className: "why", text: `→ ${why}` }));
    const row = make("li", { className: whys.has(number) ? "lit" : "" });
    row.append(make("span", { className: "n", text: String(number) }), shown);
    list.append(row);
  });
  if (last < lines.length) list.append(gap(lines.length - last));
  byId("lines").replaceChildren(list);
  byId("lines-section").hidden = whys.size === 0;
}

function gap(lines) {
  return make("li", { className: "gap", text: lines === 1 ? "1 line" : `${lines} lines` });
}

async function begin(text) {
  byId("log").value = text;
  state.log = text;
  state.context = {};
  if (await ask()) byId("report").focus();
}

async function read(file) {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const starts = (...bytes) => bytes.every((byte, place) => head[place] === byte);
  const encoding = starts(0xff, 0xfe) ? "utf-16le" : "utf-8"; // as PowerShell writes files, and others
  let stream = file.stream();
  try {
    if (starts(0x1f, 0x8b)) stream = stream.pipeThrough(new DecompressionStream("gzip"));
    const data = await new Response(stream).arrayBuffer();
    begin(new TextDecoder(encoding).decode(data));
  } catch {
    say("The file cannot be read.");
  }
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  begin(byId("log").value);
});
byId("file").addEventListener("change", () => {
  if (byId("file").files.length) read(byId("file").files[0]);
});
byId("shell").addEventListener("change", () => {
  if (state.report) ask();
});
const area = byId("log");
for (const name of ["dragover", "dragleave", "drop"]) {
  area.addEventListener(name, (event) => {
    event.preventDefault();
    area.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) read(event.dataTransfer.files[0]);
  });
}
if (navigator.userAgent.includes("Windows")) byId("shell").value = "powershell";

let examples = [];
fetch("examples.json")
  .then((reply) => reply.json())
  .then((found) => {
    examples = found;
    found.forEach((example, place) => {
      byId("example").append(make("option", { value: String(place), text: example.title }));
    });
  });
byId("example").addEventListener("change", () => {
  const example = examples[Number(byId("example").value)];
  if (byId("example").value && example) begin(example.log);
});
