package io.github.pgpure.spring.boot;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes the tables of docs/configuration.md from the metadata that an IDE reads too. */
final class ConfigurationReference {

    /** Sections by what their keys begin with; the first that fits takes a key, the last one takes the rest. */
    private static final Map<String, String> SECTIONS = new LinkedHashMap<>();

    static {
        SECTIONS.put("The pool", "pgpure.pool.");
        SECTIONS.put("TLS", "pgpure.ssl.");
        SECTIONS.put("TCP keep-alive", "pgpure.keep-alive.");
        SECTIONS.put("Embedded server", "pgpure.embedded.");
        SECTIONS.put("Actuator", "management.");
        SECTIONS.put("Server, login and statements", "");
    }

    private ConfigurationReference() {}

    /** The tables as Markdown. */
    static String tables() throws IOException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        List<String> titles = new ArrayList<>(SECTIONS.keySet());
        Collections.rotate(titles, 1);
        titles.forEach(title -> rows.put(title, new ArrayList<>()));
        properties().forEach((name, property) -> {
            String title = SECTIONS.entrySet().stream()
                    .filter(section -> name.startsWith(section.getValue()))
                    .findFirst()
                    .orElseThrow()
                    .getKey();
            rows.get(title).add(row(name, property));
        });
        return rows.entrySet().stream()
                .map(section -> "## " + section.getKey() + "\n\n| key | type | default | |\n|---|---|---|---|\n"
                        + String.join("\n", section.getValue()) + "\n")
                .collect(Collectors.joining("\n"));
    }

    private static Map<String, JsonNode> properties() throws IOException {
        Map<String, JsonNode> properties = new TreeMap<>();
        for (URL url : Collections.list(
                PgPureProperties.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            JsonNode metadata = JsonMapper.shared().readTree(url.openStream());
            for (JsonNode property : metadata.path("properties")) {
                String name = property.path("name").asString();
                if (name.startsWith("pgpure.") || name.matches("management\\.(health|endpoint)\\.pgpure\\..*")) {
                    properties.put(name, property);
                }
            }
        }
        return properties;
    }

    private static String row(String name, JsonNode property) {
        String value = property.path("defaultValue").asString("");
        return "| `%s` | %s | %s | %s |"
                .formatted(
                        name,
                        type(property.path("type").asString()),
                        value.isEmpty() ? "" : "`" + value + "`",
                        property.path("description").asString().replace("|", "\\|"));
    }

    /** What may be written there: a word for the common types, the values of an enum, else the class. */
    private static String type(String type) {
        if (type.startsWith("java.util.Set<")) {
            return "list of " + type(type.substring("java.util.Set<".length(), type.length() - 1));
        }
        if (type.startsWith("java.util.Map<")) {
            return "map";
        }
        switch (type) {
            case "java.lang.String":
                return "text";
            case "java.lang.Boolean":
                return "true, false";
            case "java.lang.Integer":
                return "number";
            case "java.time.Duration":
                return "duration";
            case "java.nio.file.Path":
                return "path";
            default:
                return constants(type);
        }
    }

    /** In lower case with hyphens, as Spring Boot writes them, but v3.0 with a point. */
    private static String constants(String type) {
        try {
            Object[] constants = Class.forName(type).getEnumConstants();
            if (constants == null) {
                throw new AssertionError("no word for " + type);
            }
            return Arrays.stream(constants)
                    .map(constant -> "`"
                            + ((Enum<?>) constant)
                                    .name()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-')
                                    .replaceAll("(\\d)-(\\d)", "$1.$2")
                            + "`")
                    .collect(Collectors.joining(", "));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
