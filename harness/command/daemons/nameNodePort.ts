/** Where `lab namenode` listens, unless told otherwise. */
export const NAMENODE_PORT = 5070;
