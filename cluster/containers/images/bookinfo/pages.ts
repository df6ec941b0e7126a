import { escapeHtml } from '../html.ts';

/** What a service said, or the name of what is missing because it did not. */
export type Shown = { value: Readonly<Record<string, unknown>> } | { error: 'details' | 'reviews' };

export interface ProductPage {
  product: { title: string; descriptionHtml: string };
  details: Shown;
  reviews: Shown;
  user: string | null;
}

/** Light and dark as the browser asks. */
export const PAGE_STYLE = `:root { color-scheme: light dark; --ink: #23303b; --paper: #fff; --soft: #f2f4f6; --line: #d8dee3; --accent: #2b6ca3; --bad: #a3301f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --paper: #191f25; --soft: #222a32; --line: #38434d; --accent: #8dbfe8; --bad: #f49a8b; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
nav { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .75rem 1.5rem; background: #22313f; color: #fff; }
nav a, nav span { color: inherit; font-weight: 600; text-decoration: none; }
nav form { display: flex; gap: .5rem; margin: 0; }
nav input, nav button, nav .button { padding: .35rem .7rem; border: 1px solid #7d8a96; border-radius: .35rem; background: #fff; color: #22313f; font: inherit; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1, h3 { color: var(--accent); line-height: 1.2; }
section { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 2rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
blockquote { margin: 0 0 1rem; padding: .75rem 1rem; border-inline-start: .25rem solid var(--line); background: var(--soft); }
blockquote p { margin: 0; } small::before { content: "\\2014\\00a0"; }
.stars { letter-spacing: .1em; font-size: 1.2rem; } .glyphicon-star::before { content: "\\2605"; } .glyphicon-star-empty::before { content: "\\2606"; }
.error { color: var(--bad); } table { border-collapse: collapse; } td, th { padding: .35rem .8rem; border: 1px solid var(--line); text-align: start; }
`;

function page(body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <title>Simple Bookstore App</title>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/static/bookinfo.css">
  </head>
  <body>
${body}
  </body>
</html>
`;
}

export function indexPage(): string {
  const services: readonly (readonly [string, string])[] = [
    ['productpage', 'details, reviews'],
    ['details', ''],
    ['reviews', 'ratings'],
    ['ratings', ''],
  ];
  return page(`    <nav><span>Book Info</span></nav>
    <main>
      <h3>A small bookstore, made of four services</h3>
      <table>
        <tr><th>Service</th><th>calls</th></tr>
${services.map(([name, calls]) => `        <tr><td>${name}</td><td>${calls}</td></tr>`).join('\n')}
      </table>
      <p><a href="/productpage?u=normal">Normal user</a> · <a href="/productpage?u=test">Test user</a></p>
    </main>`);
}

export function productPage({ product, details, reviews, user }: ProductPage): string {
  const login =
    user === null
      ? '<form method="post" action="/login"><input name="username" placeholder="User name" aria-label="User name"><input name="passwd" type="password" placeholder="Password" aria-label="Password"><button>Sign in</button></form>'
      : `<span>${escapeHtml(user)} (<a href="/logout">sign out</a>)</span>`;
  return page(`    <nav><a href="/">BookInfo Sample</a>${login}</nav>
    <main>
      <h3>${escapeHtml(product.title)}</h3>
      <p>Summary: ${product.descriptionHtml}</p>
      <section>
        <div>
${detailsHtml(details)}
        </div>
        <div>
${reviewsHtml(reviews)}
        </div>
      </section>
    </main>`);
}

const FIELDS: readonly (readonly [string, string])[] = [
  ['Type', 'type'],
  ['Pages', 'pages'],
  ['Publisher', 'publisher'],
  ['Language', 'language'],
  ['ISBN-10', 'ISBN-10'],
  ['ISBN-13', 'ISBN-13'],
];

function detailsHtml(details: Shown): string {
  if ('error' in details) return errorHtml('details');
  const rows = FIELDS.map(([label, field]) => `            <dt>${label}:</dt><dd>${shown(details.value[field])}</dd>`);
  return `          <h4>Book Details</h4>\n          <dl>\n${rows.join('\n')}\n          </dl>`;
}

function reviewsHtml(reviews: Shown): string {
  if ('error' in reviews) return errorHtml('reviews');
  const list = Array.isArray(reviews.value['reviews']) ? (reviews.value['reviews'] as unknown[]) : [];
  const entries = list.map((one) => {
    const { reviewer, text, rating } = one as { reviewer?: unknown; text?: unknown; rating?: Rating };
    return `          <blockquote>\n            <p>${shown(text)}</p>\n            <small>${shown(reviewer)}</small>\n${ratingHtml(rating)}          </blockquote>`;
  });
  const from = `          <p>Reviews served by: ${shown(reviews.value['podname'])}</p>`;
  return ['          <h4>Book Reviews</h4>', ...entries, from].join('\n');
}

interface Rating {
  stars?: unknown;
  color?: unknown;
  error?: unknown;
}

function ratingHtml(rating: Rating | undefined): string {
  if (rating === undefined) return '';
  if (rating.error !== undefined) return `            <p class="error"><i>${shown(rating.error)}</i></p>\n`;
  const full = Math.max(0, Math.min(5, Number(rating.stars)));
  const color = rating.color === 'red' ? 'red' : 'black';
  const star = (kind: string): string => `<span class="glyphicon ${kind}"></span>`;
  // Black stars are ink, which is light in the dark.
  const ink = color === 'red' ? '#c0392b' : 'currentcolor';
  return `            <!-- full stars: -->\n            <font color="${color}" class="stars" style="color: ${ink}" aria-label="${full} of 5 stars">${star('glyphicon-star').repeat(full)}${star('glyphicon-star-empty').repeat(5 - full)}</font>\n`;
}

function errorHtml(kind: 'details' | 'reviews'): string {
  return `          <h4 class="error">Error fetching product ${kind}!</h4>\n          <p class="error">Sorry, product ${kind} are currently unavailable for this book.</p>`;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? escapeHtml(String(value)) : '';
}
