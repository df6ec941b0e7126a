import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './state/theme.ts';

applyTheme();
const host = document.getElementById('app');
if (!host) throw new Error('index.html has no element with the id "app".');
render(<App />, host);
