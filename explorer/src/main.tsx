import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import './explorer.css';
import { tour } from './tour';

const url = new URL('../graphql', location.href);
const subscriptionUrl = new URL(url);
subscriptionUrl.protocol = url.protocol.replace('http', 'ws');
const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: subscriptionUrl.href });

createRoot(document.querySelector('#explorer')!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={[...(await tour(url.href))]}
    defaultHeaders={'{\n  "Authorization": ""\n}'}
    isHeadersEditorEnabled
  />,
);
