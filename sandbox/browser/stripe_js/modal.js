const COVER = {
  position: "fixed",
  inset: "0",
  width: "100vw",
  height: "100vh",
  maxWidth: "none",
  maxHeight: "none",
  margin: "0",
  border: "0",
  padding: "16px",
  boxSizing: "border-box",
  placeItems: "center",
  background: "rgba(15, 23, 42, 0.6)",
};
const PANE = {
  border: "0",
  borderRadius: "12px",
  width: "min(420px, 100%)",
  height: "min(480px, 100%)",
  background: "#fff",
  boxShadow: "0 24px 64px rgba(0, 0, 0, 0.35)",
  colorScheme: "normal",
};

/** A frame over the whole page. The browser's own modal dialog keeps the focus in and gives it back. */
export class Modal {
  /**
   * @param {string} title
   * @param {string} url
   * @param {() => void} onEscape
   */
  constructor(title, url, onEscape) {
    this.dialog = document.createElement("dialog");
    this.dialog.setAttribute("aria-label", title);
    this.frame = document.createElement("iframe");
    this.frame.title = title;
    this.frame.src = url;
    Object.assign(this.frame.style, PANE);
    Object.assign(this.dialog.style, COVER);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      onEscape();
    });
    this.dialog.append(this.frame);
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.dialog.style.display = "grid";
    this.frame.focus();
  }

  close() {
    this.dialog.close();
    this.dialog.remove();
  }
}
