package io.lighter.server.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an operator has to know of a key, or of a section: {@link ConfigReference} is made of it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
  /** What it is, as Markdown in one cell of a table; links lead from the directory {@code docs}. */
  String value();

  /** What holds if it is left out, where that cannot be read from the defaults; as Markdown. */
  String shown() default "";

  /** The option of {@code serve} that says the same; empty if none does. */
  String option() default "";

  /** What is written, where the type is what has been made of it. */
  Class<?> written() default void.class;
}
