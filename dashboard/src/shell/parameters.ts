/** The parameters after the question mark in the fragment of the address. */
export type Parameters = Readonly<Record<string, string>>;
