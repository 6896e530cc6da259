/**
 * The frame's end of the line to the page around it.
 *
 * Only the window that embeds this frame may open it, once per load, by handing over a port. From then on nothing is
 * read from or written to any window: answers go to whoever holds the other end, and card details never do.
 */

/** @typedef {(body: any) => unknown} Answer */

/** @type {MessagePort | null} */
let port = null;

/**
 * Wait for the page, then answer what it asks.
 * @param {Record<string, Answer>} answers by message type
 * @param {() => void} [onConnected]
 */
export function listen(answers, onConnected) {
  window.addEventListener("message", (message) => {
    const given = message.ports[0];
    const opens = message.source === window.parent && message.data?.type === "sandbox:connect";
    if (window.parent === window || port || !opens || !given) {
      return;
    }
    port = given;
    port.onmessage = (sent) => answer(answers, sent.data);
    onConnected?.();
  });
}

/**
 * @param {Record<string, Answer>} answers
 * @param {{type: string, body: unknown, id?: number}} message
 */
async function answer(answers, { type, body, id }) {
  const result = await answers[type]?.(body);
  if (id !== undefined) {
    port?.postMessage({ reply: id, body: result ?? {} });
  }
}

/**
 * Tell the page that something happened.
 * @param {string} event
 * @param {Record<string, unknown>} [body]
 */
export function tell(event, body = {}) {
  port?.postMessage({ event, body });
}
