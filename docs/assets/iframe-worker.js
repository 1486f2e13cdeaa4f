// A page opened from disk may not start a worker: search then runs in a hidden frame that looks like one.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.appendChild(frame);
      const inside = (this.inside = frame.contentWindow);
      this.loaded = new Promise((loaded) => {
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        // Each script waits for the one before, as importScripts promises.
        inside.importScripts = (...urls) =>
          urls.reduce((before, one) => before.then(() => run(inside.document, one)), Promise.resolve());
        run(inside.document, url).then(loaded);
      });
    }
    postMessage(data) {
      this.loaded.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {
      this.inside.frameElement.remove();
    }
  };
  const run = (page, url) =>
    new Promise((done) => {
      const script = page.createElement("script");
      script.src = url;
      script.onload = script.onerror = done;
      page.body.appendChild(script);
    });
}
