package io.lighter.server.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The reference of all keys, in Markdown: made of the records that they are read into, so that none
 * is left out.
 */
public final class ConfigReference {
  /** The line before the reference in a document that has it. */
  public static final String BEGIN =
      "<!-- begin keys: made by `./lighter config reference docs/configuration.md` -->";

  /** The line behind it. */
  public static final String END = "<!-- end keys -->";

  private static final String HEAD =
      """
      | key, variable, option | default | values | reload | meaning |
      |---|---|---|---|---|
      """;

  private final ConfigTree defaults = ConfigTree.defaults();
  private final StringBuilder text = new StringBuilder();

  private ConfigReference() {}

  /** The reference. */
  public static String markdown() {
    var reference = new ConfigReference();
    for (RecordComponent component : ServerConfig.class.getRecordComponents()) {
      reference.top(component);
    }
    reference.legend();
    return reference.text.toString();
  }

  /**
   * A document with the reference as it is now.
   *
   * @throws ConfigException if the document has no place for it
   */
  public static String into(String document) {
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new ConfigException(
          "the document has no place for the reference, which is between the lines \"%s\" and \"%s\""
              .formatted(BEGIN, END));
    }
    return document.substring(0, begin + BEGIN.length())
        + "\n\n"
        + markdown()
        + '\n'
        + document.substring(end);
  }

  /**
   * Where a key stands.
   *
   * @param path of the section, with a point behind it; empty at the top
   * @param reloadable whether all that is there is taken up by a reload
   * @param inList whether that is an entry of a list, which has neither defaults nor variables
   */
  private record Place(String path, boolean reloadable, boolean inList) {
    Place within(String key, boolean taken, boolean list) {
      return new Place(key + (list ? "[]." : "."), taken, inList || list);
    }
  }

  /** Single keys at the top follow in the table of the section before them. */
  private void top(RecordComponent component) {
    var shape = Shape.of(component);
    var place = new Place("", false, false);
    if (!shape.isSection()) {
      row(component, place);
      return;
    }
    String name = component.getName();
    text.append(text.isEmpty() ? "" : "\n").append("### Keys of `%s`\n\n".formatted(name));
    if (shape.isMany()) {
      text.append(HEAD);
      row(component, place);
    } else {
      text.append(sentence(key(component, name).value())).append("\n\n").append(HEAD);
      rows(shape, component, place);
    }
  }

  private static String sentence(String text) {
    int letter = text.startsWith("[") ? 1 : 0;
    return text.substring(0, letter)
        + Character.toUpperCase(text.charAt(letter))
        + text.substring(letter + 1)
        + '.';
  }

  /** The keys of a section. */
  private void rows(Shape shape, RecordComponent section, Place place) {
    boolean taken = place.reloadable() || section.isAnnotationPresent(Reloadable.class);
    Place inner = place.within(place.path() + section.getName(), taken, shape.isMany());
    for (RecordComponent component : shape.type().getRecordComponents()) {
      row(component, inner);
    }
  }

  private void row(RecordComponent component, Place place) {
    String path = place.path() + component.getName();
    Key key = key(component, path);
    var shape = Shape.of(component);
    boolean single = shape.isSection() && !shape.isMany();
    boolean taken = place.reloadable() || component.isAnnotationPresent(Reloadable.class);
    var name = new StringBuilder().append('`').append(path).append('`');
    if (!single && !place.inList()) {
      name.append("<br>`").append(ConfigTree.variable(path)).append('`');
    }
    if (!key.option().isEmpty()) {
      name.append("<br>`").append(key.option()).append('`');
    }
    text.append(
        "| %s | %s | %s | %s | %s |\n"
            .formatted(
                name,
                standard(key, shape, path, place),
                shape.words(),
                single ? "" : taken ? "yes" : "no",
                key.value()));
    if (shape.isSection()) {
      rows(shape, component, place);
    }
  }

  private String standard(Key key, Shape shape, String path, Place place) {
    if (!key.shown().isEmpty()) {
      return key.shown();
    }
    if (shape.isSection() && !shape.isMany()) {
      return "";
    }
    if (place.inList()) {
      return "required";
    }
    JsonNode value = defaults.root().at('/' + path.replace('.', '/'));
    return '`'
        + (value.isString() && !value.asString().isEmpty() ? value.asString() : value.toString())
        + '`';
  }

  private void legend() {
    text.append("\nWhat stands for values:\n\n");
    for (ValueTypes.Kind kind : ValueTypes.explained()) {
      text.append("- %s: %s\n".formatted(kind.word(), kind.allowed()));
    }
  }

  private static Key key(RecordComponent component, String path) {
    Key key = component.getAnnotation(Key.class);
    if (key == null) {
      throw new IllegalStateException(
          "the key %s is not described; %s.%s needs a @Key"
              .formatted(
                  path, component.getDeclaringRecord().getSimpleName(), component.getName()));
    }
    return key;
  }

  /**
   * What a key holds.
   *
   * @param type of one of them
   * @param container {@code List} or {@code Map} if there are many, else {@code void}
   */
  private record Shape(Class<?> type, Class<?> container) {

    static Shape of(RecordComponent component) {
      Key key = component.getAnnotation(Key.class);
      return key != null && key.written() != void.class
          ? new Shape(key.written(), void.class)
          : of(component.getGenericType());
    }

    private static Shape of(Type type) {
      if (type instanceof Class<?> plain) {
        return new Shape(plain, void.class);
      }
      var generic = (ParameterizedType) type;
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        return of(arguments[0]);
      }
      boolean map = generic.getRawType() == Map.class;
      Shape of = of(arguments[arguments.length - 1]);
      return new Shape(of.type(), map ? Map.class : Collection.class);
    }

    boolean isSection() {
      return ValueTypes.isSection(type);
    }

    boolean isMany() {
      return container != void.class;
    }

    String words() {
      if (isSection()) {
        return isMany() ? "list of sections" : "section";
      }
      String word = ValueTypes.word(type);
      if (!isMany()) {
        return word;
      }
      return container == Map.class ? word + " by name" : "list of " + word;
    }
  }
}
