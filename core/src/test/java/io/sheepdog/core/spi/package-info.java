/** Tests of the values that core and the outside world exchange. */
@NullMarked
package io.sheepdog.core.spi;

import org.jspecify.annotations.NullMarked;
