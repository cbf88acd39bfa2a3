package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;

/** Knows what the kernel and the dynamic linker read along with a program or a shared object. */
public interface ObjectLoader {

  /**
   * Takes in a program or a shared object and all that it needs, in the order in which the dynamic
   * linker opens them. What is no ELF file is taken in alone.
   */
  void load(ImageFile object, Reason reason, Start start);
}
