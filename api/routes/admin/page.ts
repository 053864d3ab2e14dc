/** What the page links to; absent = not part of this installation. */
export interface AdminLinks {
  temporalUi?: string;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character]!);

export const adminStyle = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
label { display: block; margin-top: 1rem; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; border: 1px solid #767676; border-radius: .25rem; }
button { margin-top: 1.25rem; padding: .5rem 1.25rem; font: inherit; cursor: pointer; }
:focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
[role=alert] { border-left: 4px solid #b3261e; padding: .25rem .75rem; }
li { margin: .5rem 0; }
`;

/** The sign-in page and, once signed in, the links: plain HTML that needs no script. */
export function adminPage(state: { signedIn: boolean; configured: boolean; failed: boolean }, links: AdminLinks): string {
  const content = state.signedIn ? signedIn() : state.configured ? form(state.failed) : unconfigured();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${state.failed ? 'Sign-in failed – ' : ''}Perdura for operators</title>
<link rel="stylesheet" href="/admin/style.css">
</head>
<body>
<main>
<h1>Perdura for operators</h1>
${content}
<h2>Where things are</h2>
<ul>
<li><a href="/docs">API documentation</a></li>
${links.temporalUi ? `<li><a href="${escape(links.temporalUi)}">Temporal: every order as a process</a></li>` : ''}
<li><a href="/readyz">Readiness</a></li>
<li><a href="/metrics">Metrics</a></li>
</ul>
</main>
</body>
</html>
`;
}

function form(failed: boolean): string {
  return `${failed ? '<p role="alert" id="failed">The e-mail address or the password is not right.</p>' : ''}
<form method="post" action="/admin/session">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required${failed ? ' aria-describedby="failed"' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${failed ? ' aria-describedby="failed" autofocus' : ''}>
<button type="submit">Sign in</button>
</form>`;
}

function signedIn(): string {
  return `<p>You are signed in. The Temporal UI shows payloads in plain in this browser if its codec server settings (the encoder icon at its top) have the endpoint /codec of this address and include cross-origin credentials.</p>
<form method="post" action="/admin/session/end"><button type="submit">Sign out</button></form>`;
}

function unconfigured(): string {
  return '<p role="alert">Sign-in is not set up: start the API with ADMIN_EMAIL and ADMIN_PASSWORD.</p>';
}
