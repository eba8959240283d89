// Search boxes over options that the server renders: in forms, and the command palette.
// An option is anything with role="option"; the text box keeps the focus and names the
// option it stands on by aria-activedescendant.
"use strict";

(() => {
  const { one, all, say } = Relay;
  let serial = 0;

  /** Arrow keys over the options of a listbox; `choose` gets the one taken. */
  class Options {
    constructor(input, box, choose) {
      Object.assign(this, { input, box, choose, at: -1 });
      input.addEventListener("keydown", (event) => this.key(event));
      box.addEventListener("mousedown", (event) => event.preventDefault());
      box.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) choose(option, event);
      });
    }

    get options() {
      return all("[role=option]", this.box);
    }

    get current() {
      return this.options[this.at];
    }

    mark(at) {
      const { options } = this;
      this.at = options.length ? (at + options.length) % options.length : -1;
      options.forEach((option, index) => {
        option.id ||= `option-${(serial += 1)}`;
        option.setAttribute("aria-selected", index === this.at);
      });
      this.current?.scrollIntoView({ block: "nearest" });
      if (this.current) this.input.setAttribute("aria-activedescendant", this.current.id);
      else this.input.removeAttribute("aria-activedescendant");
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !this.box.hidden) {
        event.preventDefault();
        this.mark(this.at + step);
      } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && this.current && !this.box.hidden) {
        event.preventDefault();
        this.choose(this.current, event);
      }
    }
  }

  /** Ask the server while somebody types: the last question wins, old answers stay visible. */
  class Answers {
    constructor(wait, show) {
      Object.assign(this, { wait, show, timer: 0, request: null });
    }

    ask(url) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.fetch(url), this.wait);
    }

    async fetch(url) {
      this.request?.abort();
      this.request = new AbortController();
      try {
        const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: this.request.signal });
        const redirect = response.headers.get("HX-Redirect");
        if (redirect) location.href = redirect;
        else if (response.ok) this.show(await response.text());
      } catch (error) {
        if (error.name !== "AbortError") say("No connection.");
      }
    }
  }

  const address = (base, values) => {
    const url = new URL(base, location.href);
    for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
    return url;
  };

  /**
   * <relay-combobox data-url="…" data-with="account"><select>…</select></relay-combobox>
   * The select stays the field that is sent; `data-with` names fields of the same form that
   * go with the question. Without data-url the select's own options are searched.
   */
  class RelayCombobox extends HTMLElement {
    connectedCallback() {
      this.select = one("select", this);
      if (!this.select || this.input) return;
      this.build();
      this.answers = new Answers(120, (html) => this.show(html));
      this.options = new Options(this.input, this.box, (option) => this.choose(option));
      this.input.addEventListener("input", () => this.search());
      this.input.addEventListener("click", () => this.search());
      this.input.addEventListener("blur", () => this.leave());
      this.input.addEventListener("keydown", (event) => this.key(event));
    }

    build() {
      const { select } = this;
      this.input = document.createElement("input");
      this.input.type = "text";
      this.input.className = select.className;
      this.input.id = select.id;
      this.input.placeholder = this.dataset.placeholder || "";
      this.input.autocomplete = "off";
      this.input.value = this.chosenText;
      for (const name of ["aria-invalid", "aria-describedby", "aria-label"]) {
        if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
      }
      this.box = document.createElement("div");
      this.box.className = "options";
      this.box.id = `${select.id}-options`;
      this.box.hidden = true;
      this.box.setAttribute("role", "listbox");
      this.box.setAttribute("aria-label", "Suggestions");
      this.input.setAttribute("role", "combobox");
      this.input.setAttribute("aria-autocomplete", "list");
      this.input.setAttribute("aria-expanded", "false");
      this.input.setAttribute("aria-controls", this.box.id);
      this.input.required = select.required;
      // The select cannot be reached any more, so it must not hold up the form either.
      select.required = false;
      select.id = `${select.id}-value`;
      select.hidden = true;
      this.append(this.input, this.box);
    }

    get chosenText() {
      const option = this.select.selectedOptions[0];
      return option?.value ? option.textContent.trim() : "";
    }

    search() {
      const q = this.input.value === this.chosenText ? "" : this.input.value;
      if (!this.dataset.url) return this.show(null, q.toLowerCase());
      const beside = (this.dataset.with || "").split(" ").filter(Boolean);
      const form = this.select.form;
      const values = Object.fromEntries(beside.map((name) => [name, form?.elements[name]?.value || ""]));
      return this.answers.ask(address(this.dataset.url, { ...values, q }));
    }

    show(html, q = "") {
      if (document.activeElement !== this.input) return;
      if (html !== null) this.box.innerHTML = html;
      else this.box.replaceChildren(...this.ownOptions(q));
      if (!one("[role=option]", this.box)) {
        const none = document.createElement("div");
        none.className = "none";
        none.textContent = "Nothing found";
        this.box.replaceChildren(none);
      }
      this.open(true);
      this.options.mark(0);
      say(`${this.options.options.length} found`);
    }

    ownOptions(q) {
      return [...this.select.options]
        .filter((option) => option.value && option.textContent.toLowerCase().includes(q))
        .map((option) => {
          const element = document.createElement("div");
          element.setAttribute("role", "option");
          element.dataset.value = option.value;
          element.dataset.text = element.textContent = option.textContent.trim();
          return element;
        });
    }

    open(open) {
      this.box.hidden = !open;
      this.input.setAttribute("aria-expanded", open);
      if (!open) this.input.removeAttribute("aria-activedescendant");
    }

    choose(option) {
      const { value, text } = option.dataset;
      if (![...this.select.options].some((each) => each.value === value)) {
        this.select.add(new Option(text, value));
      }
      this.set(value);
      this.open(false);
    }

    set(value) {
      const changed = this.select.value !== value;
      this.select.value = value;
      this.input.value = this.chosenText;
      if (changed) this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    leave() {
      this.open(false);
      // Text that is no choice is no answer: emptied means none, anything else goes back.
      if (!this.input.value.trim()) this.set("");
      else this.input.value = this.chosenText;
    }

    key(event) {
      if (event.key === "ArrowDown" && this.box.hidden) {
        event.preventDefault();
        this.search();
      } else if (event.key === "Escape" && !this.box.hidden) {
        event.preventDefault();
        event.stopPropagation();
        this.input.value = this.chosenText;
        this.open(false);
      }
    }
  }
  customElements.define("relay-combobox", RelayCombobox);

  /** The bulk bar's buttons as options. */
  const ticked = (typed) => {
    const bar = one("[data-bulk]:not([hidden])");
    const options = (bar ? all("[data-key]", bar) : [])
      .filter((button) => button.textContent.trim().toLowerCase().startsWith(typed.toLowerCase()))
      .map(
        ({ dataset, innerHTML }) =>
          `<div role="option" data-presses="[data-bulk] [data-key=${dataset.key}]">${innerHTML.replace("<kbd", '<kbd class="end"')}</div>`,
      )
      .join("");
    const count = options && one("[data-count]", bar).textContent;
    return options && `<div class="grp" role="group" aria-label="${count}"><div class="gh">${count}</div>${options}</div>`;
  };

  addEventListener("DOMContentLoaded", () => {
    const palette = one("#palette");
    if (!palette) return;
    const input = one("input", palette);
    const box = one("[role=listbox]", palette);
    let of = ""; // The record whose actions alone are shown.
    let awaited = ""; // Enter or Tab, pressed before the answer that it means.
    const options = new Options(input, box, (option, event) => {
      if (event.type === "keydown") return option.click();
      // A click on a link goes there by itself, also into a new tab.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      palette.close();
      // The page may ask it in a dialog.
      const here = one(option.dataset.presses || `#main [hx-get="${option.getAttribute("href")}"]`);
      if (!here) return;
      event.preventDefault();
      here.click();
    });
    const answers = new Answers(80, (html) => {
      box.innerHTML = html;
      const records = one(".grp:has([data-of])", box);
      if (!of) (records || box).insertAdjacentHTML(records ? "afterend" : "afterbegin", ticked(input.value));
      options.mark(0);
      if (awaited && palette.open) take(awaited);
      say(`${options.options.length} found`);
    });
    const ask = () => {
      options.at = -1;
      awaited = "";
      const here = all("[data-record]").pop().dataset.record;
      answers.ask(address(palette.dataset.url, { q: input.value, here, of }));
    };
    const turnTo = (record) => {
      of = record;
      input.value = "";
      ask();
    };
    const take = (key) => {
      const { current } = options;
      const record = current?.dataset.of;
      if (options.at < 0) awaited = key;
      else if (key === "Enter") current.click();
      else if (record) turnTo(record);
      else return false;
      return true;
    };
    input.addEventListener("input", ask);
    input.addEventListener("keydown", (event) => {
      const { key, shiftKey, defaultPrevented } = event;
      if (key === "Backspace" && of && !input.value) turnTo("");
      else if (defaultPrevented || shiftKey || !["Enter", "Tab"].includes(key) || !take(key)) return;
      event.preventDefault();
    });
    palette.addEventListener("relay:open", () => {
      if (of) turnTo("");
      input.select();
      ask();
    });
  });
})();
