import { render } from 'preact';
import { followRefreshes } from './api/refresh-events.js';
import { keepChecking } from './api/revision.js';
import { App } from './shell/app.js';

const place = document.querySelector('#app')!;
place.replaceChildren();
render(<App />, place);
keepChecking();
followRefreshes();
