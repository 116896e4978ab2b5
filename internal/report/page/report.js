// Without this the page shows the same: it hides rows that are not asked for, opens what a link leads into, and opens all for printing.
const filter = document.getElementById("filter");
if (filter) {
  filter.closest("p").hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const row of document.querySelectorAll(".matrix tbody tr")) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
  });
}
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll(".finding details")) d.open = true; });
