/** VDIs as block devices: what Debian's own packages do with the NBD server of real daemons. */
@NullMarked
package io.sheepdog.integration.nbd;

import org.jspecify.annotations.NullMarked;
