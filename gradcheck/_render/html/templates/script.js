"use strict";
// What the page does beyond being read: tables are sorted and filtered, and what is folded is unfolded where it must be.

const number = (text) => (/^[-+]?inf/.test(text) ? Number(text.replace("inf", "Infinity")) : parseFloat(text.replace(/,/g, "")));

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.key ?? cell.textContent.trim();
}

function compare(a, b) {
  const [x, y] = [number(a), number(b)];
  if (/^[-+\d]|^inf/.test(a) && /^[-+\d]|^inf/.test(b) && x !== y) return x - y || 0;
  return a.localeCompare(b, "en", { numeric: true });
}

function sort(table, head) {
  const column = head.cellIndex;
  const first = head.classList.contains("right") || head.textContent === "verdict" ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  const sign = order === "ascending" ? 1 : -1;
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const rows = [...table.tBodies[0].rows];
  // What is empty comes last, whichever way it is sorted.
  rows.sort((a, b) => {
    const [x, y] = [key(a, column), key(b, column)];
    return x && y ? sign * compare(x, y) : (y ? 1 : 0) - (x ? 1 : 0);
  });
  table.tBodies[0].append(...rows);
}

function labelled(words, control) {
  const label = document.createElement("label");
  label.append(words, control);
  return label;
}

function controls(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent);
  const column = Math.max(heads.indexOf("verdict"), heads.indexOf("change")); // -1 in a table that has neither
  const verdict = (row) => row.cells[column].textContent.trim().replace(/^\W+/, "");
  const text = Object.assign(document.createElement("input"), { type: "search" });
  const choice = document.createElement("select");
  const words = column < 0 ? [] : [...new Set(rows.map(verdict))];
  choice.append(new Option("all", ""), ...words.map((word) => new Option(word)));
  const told = document.createElement("output");
  function filter() {
    const wanted = text.value.toLowerCase();
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted) || (choice.value !== "" && verdict(row) !== choice.value);
    }
    const left = rows.filter((row) => !row.hidden).length;
    told.textContent = left < rows.length ? `${left} of ${rows.length} shown` : "";
  }
  text.addEventListener("input", filter);
  choice.addEventListener("input", filter);
  const bar = document.createElement("div");
  bar.className = "controls";
  bar.append(labelled("Filter", text), ...(column < 0 ? [] : [labelled(heads[column] === "verdict" ? "Verdict" : "Change", choice)]), told);
  return bar;
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  if (table.tBodies[0].rows.length < 2) continue;
  table.parentElement.before(controls(table));
  for (const head of table.tHead.rows[0].cells) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    button.addEventListener("click", () => sort(table, head));
    head.replaceChildren(button);
  }
}

function unfold() {
  let place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
}
addEventListener("hashchange", unfold);
unfold();

const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details:not([open])"));
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded.splice(0)) details.open = false;
});
