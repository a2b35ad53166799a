// Runs before the page is drawn: lets the style sheets know that scripts work.
document.documentElement.classList.add("js");
