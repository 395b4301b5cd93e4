/** Leases with a clock, members and answers made by hand. */
@NullMarked
package io.sheepdog.core.lease;

import org.jspecify.annotations.NullMarked;
