import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';

/** What the Sandbox shows when it is opened. */
const FIRST_QUERY = `query Portfolios {
  portfolios {
    edges {
      node {
        name
        rolling1y { asOf cumulativeReturn volatility sharpeRatio maxDrawdown beta }
      }
    }
  }
}
`;
/** What stands on the page until its scripts, which come from another host, have replaced it. */
const NOT_LOADED = 'Apollo Sandbox cannot be loaded; it appears that you might be offline.';
const EXPLORER_LINK = 'The <a href="graphiql/">explorer of this server</a> needs no other host.';
/** Where the Sandbox is missing, the place for it covers the link. */
const CLICKABLE = '#embeddableSandbox:empty { pointer-events: none; }';

/** The page of Apollo Sandbox at the address of the API, with a link to the explorer where it cannot be loaded. */
export function sandboxPage(): ApolloServerPlugin {
  const plugin = ApolloServerPluginLandingPageLocalDefault({
    embed: true,
    footer: false,
    document: FIRST_QUERY,
  });
  return {
    async serverWillStart(service) {
      const listener = await plugin.serverWillStart?.(service);
      if (!listener?.renderLandingPage) return listener ?? undefined;
      const { html } = await listener.renderLandingPage();
      const text = typeof html === 'string' ? async () => html : html;
      return {
        ...listener,
        renderLandingPage: async () => ({
          // A page has a new nonce each time it is rendered.
          html: async () =>
            (await text())
              .replace(NOT_LOADED, `${NOT_LOADED} ${EXPLORER_LINK}`)
              .replace('.fallback {', `${CLICKABLE} .fallback {`),
        }),
      };
    },
  };
}
