const EVERY_MS = 2000;
const ZONED = new Intl.DateTimeFormat([], {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const list = /** @type {HTMLElement} */ (document.getElementById("list"));

/**
 * Write times in the reader's own zone, and name it.
 * @param {HTMLElement} place
 */
function localise(place) {
  for (const time of place.querySelectorAll("time")) {
    time.textContent = ZONED.format(new Date(time.dateTime));
  }
}

/** Show what happened meanwhile, unless nobody looks or a button in the list is about to be pressed. */
async function refresh() {
  if (document.hidden || list.contains(document.activeElement?.closest("form, a") ?? null)) {
    return;
  }
  const answer = await fetch(window.location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("list");
  if (!answer.ok || !fresh) {
    return;
  }
  localise(fresh);
  if (fresh.innerHTML !== list.innerHTML) {
    list.replaceChildren(...fresh.childNodes);
  }
}

localise(list);
setInterval(() => {
  refresh().catch(() => console.info("The sandbox does not answer; trying again."));
}, EVERY_MS);
