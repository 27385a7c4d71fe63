import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import { createRoot } from 'react-dom/client';
import { linkedOperation } from './linked';
import { tour } from './tour';

const url = new URL('../graphql', location.href);
const subscriptionUrl = new URL(url);
subscriptionUrl.protocol = url.protocol.replace('http', 'ws');
const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: subscriptionUrl.href });

createRoot(document.querySelector('#explorer')!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={[...(await tour(url.href))]}
    {...linkedOperation(location.href)}
    isHeadersEditorEnabled
  />,
);
