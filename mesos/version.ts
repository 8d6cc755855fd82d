/** Version of this system, as a master tells it. The same as in package.json; a test holds that. */
export const VERSION = '0.1.0';
