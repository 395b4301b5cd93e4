/** Tests of {@code io.sheepdog.core.recovery}. */
@NullMarked
package io.sheepdog.core.recovery;

import org.jspecify.annotations.NullMarked;
