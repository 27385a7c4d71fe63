/** What stands behind the question mark of the fragment of the address. */
export type Parameters = Readonly<Record<string, string>>;
