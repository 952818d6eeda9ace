// The box office's page. No framework, no build step: state at the top, one function for each thing a person can do.

const $ = id => document.getElementById(id);
const money = new Intl.NumberFormat(undefined, {minimumFractionDigits: 2, maximumFractionDigits: 2});

let shows = [];
let show = null;
let seats = new Map();
const chosen = new Set();
const MAX_CHOSEN = 100;

/** Asks the server; a problem+json answer becomes an Error with its detail. */
async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : {"Content-Type": "application/json"},
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(new Error(answer.detail ?? `The server answered ${response.status}.`), {status: response.status, answer});
  }
  return answer;
}

function say(id, text, kind = "") {
  $(id).textContent = text;
  $(id).dataset.kind = kind;
}

// --- shows and seats ---

async function loadShows() {
  shows = await call("GET", "api/shows");
  show = shows.find(each => each.id === show?.id) ?? shows[0];
  const buttons = shows.map(each => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = each.title;
    button.setAttribute("aria-current", String(each.id === show.id));
    button.addEventListener("click", () => select(each));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  $("shows").replaceChildren(...buttons);
}

async function select(each) {
  show = each;
  chosen.clear();
  for (const [i, item] of [...$("shows").children].entries()) {
    item.firstChild.setAttribute("aria-current", String(shows[i].id === show.id));
  }
  say("message", "");
  await loadSeats(true);
}

let loading = false;
let again = false;

/** One request at a time; what changes meanwhile is asked for once more afterwards. */
async function loadSeats(fresh = false) {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  try {
    const wanted = show;
    const list = await call("GET", `api/shows/${wanted.id}/seats`);
    if (wanted === show) {
      draw(list, fresh);
    }
  } catch (error) {
    say("message", error.message, "bad");
  } finally {
    loading = false;
    if (again) {
      again = false;
      setTimeout(() => loadSeats(true), 50);
    }
  }
}

function draw(list, fresh) {
  const before = seats;
  seats = new Map(list.map(seat => [seat.seat, seat]));
  const lost = [...chosen].filter(name => seats.get(name)?.status !== "FREE");
  lost.forEach(name => chosen.delete(name));
  if (lost.length > 0 && !reserving) {
    say("message", `${lost.join(", ")} has just been taken by somebody else.`, "bad");
  }
  const sameSeats = $("seats").dataset.show === String(show.id)
    && [...seats.keys()].every(name => before.has(name)) && before.size === seats.size;
  if (!sameSeats) {
    build();
  }
  for (const button of $("seats").querySelectorAll("button")) {
    const seat = seats.get(button.dataset.seat);
    const reserved = seat.status !== "FREE";
    button.classList.toggle("new", sameSeats && reserved && before.get(seat.seat).status === "FREE");
    button.setAttribute("aria-disabled", String(reserved));
    button.setAttribute("aria-pressed", String(chosen.has(seat.seat)));
    button.setAttribute("aria-label", `${seat.seat}, ${reserved ? "reserved" : money.format(seat.price)}`);
    button.title = button.getAttribute("aria-label");
  }
  facts();
}

function build() {
  const rows = new Map();
  seats.forEach((seat, name) => rows.set(name[0], [...(rows.get(name[0]) ?? []), name]));
  $("seats").replaceChildren(...[...rows.values()].map(names => {
    const row = document.createElement("div");
    row.className = "row";
    row.append(...names.map(name => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "seat";
      button.dataset.seat = name;
      button.textContent = name;
      button.tabIndex = -1;
      return button;
    }));
    return row;
  }));
  $("seats").dataset.show = show.id;
  $("seats").querySelector("button").tabIndex = 0;
}

function facts() {
  const free = [...seats.values()].filter(seat => seat.status === "FREE").length;
  $("show-title").textContent = show.title;
  const when = new Date(show.startsAt).toLocaleString(undefined, {dateStyle: "full", timeStyle: "short"});
  $("show-facts").textContent = `${when} · ${free} of ${seats.size} seats free`;
  const total = [...chosen].reduce((sum, name) => sum + seats.get(name).price, 0);
  $("reserve-button").disabled = chosen.size === 0 || reserving;
  $("reserve-button").textContent = chosen.size === 0 ? "Choose seats first"
    : `Reserve ${chosen.size} ${chosen.size === 1 ? "seat" : "seats"} for ${money.format(total)}`;
}

$("seats").addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) {
    return;
  }
  focusSeat(button);
  const seat = seats.get(button.dataset.seat);
  if (seat.status !== "FREE") {
    say("message", `${seat.seat} is reserved.`, "bad");
    return;
  }
  if (!chosen.delete(seat.seat) && chosen.size < MAX_CHOSEN) {
    chosen.add(seat.seat);
  }
  button.setAttribute("aria-pressed", String(chosen.has(seat.seat)));
  say("message", "");
  facts();
});

/** The seats are one tab stop; arrows move between them. */
$("seats").addEventListener("keydown", event => {
  const button = event.target.closest("button");
  const row = button?.parentElement;
  const column = row ? [...row.children].indexOf(button) : 0;
  const next = {
    ArrowLeft: () => button.previousElementSibling,
    ArrowRight: () => button.nextElementSibling,
    ArrowUp: () => row.previousElementSibling?.children[column],
    ArrowDown: () => row.nextElementSibling?.children[column],
    Home: () => row.firstElementChild,
    End: () => row.lastElementChild,
  }[event.key];
  if (button && next) {
    event.preventDefault();
    focusSeat(next() ?? button);
  }
});

function focusSeat(button) {
  $("seats").querySelectorAll('[tabindex="0"]').forEach(other => { other.tabIndex = -1; });
  button.tabIndex = 0;
  button.focus();
}

// --- reserving ---

let reserving = false;

$("reserve").addEventListener("submit", async event => {
  event.preventDefault();
  reserving = true;
  facts();
  try {
    const names = [...chosen];
    const reservation = await call("POST", `api/shows/${show.id}/reservations`, {customer: $("customer").value, seats: names});
    chosen.clear();
    say("message", `${names.join(", ")} reserved for ${money.format(reservation.total)}. Enjoy the show!`, "good");
  } catch (error) {
    if (error.status === 409) {
      const taken = error.answer.seats;
      taken.forEach(name => chosen.delete(name));
      say("message", `Sorry, ${taken.join(", ")} went to somebody a moment faster. Nothing was reserved`
        + (chosen.size > 0 ? "; your other seats are still chosen." : "; please choose again."), "bad");
    } else {
      say("message", error.message, "bad");
    }
  } finally {
    reserving = false;
    facts();
    await loadSeats();
  }
});

// --- live changes ---

const events = new EventSource("api/events");
function live(state, text) {
  $("live").dataset.state = state;
  $("live-text").textContent = text;
}
events.addEventListener("open", () => {
  live("live", "live");
  if (show) {
    loadSeats();
  }
});
events.addEventListener("error", () => live("lost", "connecting again"));
events.addEventListener("show", event => {
  if (show && Number(event.data) === show.id) {
    loadSeats();
  }
});

// --- pool ---

let last = null;
const points = [];

async function pollPool() {
  try {
    const stats = await call("GET", "api/pool");
    $("active").textContent = stats.activeConnections;
    $("idle").textContent = stats.idleConnections;
    $("waiting").textContent = stats.waitingTasks;
    if (last && stats.acquired > last.acquired) {
      const micros = (stats.acquireNanos - last.acquireNanos) / (stats.acquired - last.acquired) / 1000;
      $("acquire").textContent = micros < 1000 ? `${micros.toFixed(0)} µs` : `${(micros / 1000).toFixed(1)} ms`;
      points.push(micros);
      points.splice(0, points.length - 60);
      // A logarithm shows microseconds and a queue of many milliseconds in one picture: 1 µs at the bottom, 1 s at the top.
      const y = value => 58 - Math.min(6, Math.max(0, Math.log10(value))) / 6 * 56;
      $("plot-line").setAttribute("points", points.map((value, i) => `${i * 300 / 59},${y(value)}`).join(" "));
    }
    last = stats;
    const score = await call("GET", "api/load");
    $("load-score").textContent = score.clients === 0 && score.reserved === 0 ? "Simulated clients that fight for seats, for a minute."
      : `${score.clients} clients · ${score.reserved} reservations · ${score.conflicts} too late · ${score.refused} refused`;
  } catch {
    // The header says when the server is away.
  }
  setTimeout(pollPool, document.hidden ? 5000 : 1000);
}

// --- load ---

$("load").addEventListener("input", () => { $("load-value").textContent = $("load").value; });
$("load").addEventListener("change", () => call("PUT", "api/load", {clients: Number($("load").value)})
  .catch(error => { $("load-score").textContent = error.message; }));

// --- report ---

let report = null;

$("report-start").addEventListener("click", async () => {
  try {
    report = await call("POST", "api/reports", {workSeconds: 30});
    $("report-table").hidden = true;
    showReport();
    setTimeout(pollReport, 300);
  } catch (error) {
    say("report-state", error.message, "bad");
  }
});

$("report-cancel").addEventListener("click", async () => {
  report = await call("DELETE", `api/reports/${report.id}`);
  showReport();
  setTimeout(pollReport, 100);
});

async function pollReport() {
  try {
    report = await call("GET", `api/reports/${report.id}`);
    showReport();
    if (report.state === "RUNNING" || report.backends > 0) {
      setTimeout(pollReport, 500);
    }
  } catch (error) {
    say("report-state", error.message, "bad");
  }
}

function showReport() {
  const running = report.state === "RUNNING";
  $("report-start").disabled = running;
  $("report-cancel").disabled = !running;
  const backends = report.backends === 0 ? "no backend works on it" : `backends at work: ${report.backends}`;
  const words = {RUNNING: "Running", DONE: "Done", CANCELLED: "Cancelled", FAILED: "Failed"};
  say("report-state", `${words[report.state]}; ${backends}.`, report.state === "FAILED" ? "bad" : "");
  $("report-table").hidden = report.state !== "DONE";
  $("report-table").tBodies[0].replaceChildren(...report.sales.map(line => {
    const row = document.createElement("tr");
    row.append(...[line.title, line.sold, money.format(line.revenue)].map(text => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }));
    return row;
  }));
}

// --- price list ---

$("prices").addEventListener("change", () => {
  const file = $("prices").files[0];
  if (!file) {
    return;
  }
  // fetch cannot tell how far an upload has come; XMLHttpRequest can.
  const request = new XMLHttpRequest();
  request.open("POST", `api/shows/${show.id}/prices`);
  request.setRequestHeader("Content-Type", "text/csv");
  request.responseType = "json";
  request.upload.addEventListener("progress", event => { $("prices-progress").value = event.loaded / event.total; });
  request.addEventListener("load", () => {
    $("prices-progress").value = 1;
    $("prices").value = "";
    if (request.status === 200) {
      say("prices-state", `${request.response.changed} ${request.response.changed === 1 ? "price" : "prices"} changed.`, "good");
    } else {
      say("prices-state", request.response?.detail ?? `The server answered ${request.status}.`, "bad");
    }
  });
  request.addEventListener("error", () => say("prices-state", "The upload failed.", "bad"));
  say("prices-state", "Uploading …");
  request.send(file);
});

await loadShows();
await loadSeats(true);
pollPool();
