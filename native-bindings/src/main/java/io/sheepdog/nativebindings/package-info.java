/** Native libraries behind plain Java interfaces; the only code that may use JNA. */
@NullMarked
package io.sheepdog.nativebindings;

import org.jspecify.annotations.NullMarked;
