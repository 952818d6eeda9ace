package io.github.pgpure.convert;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds an enum's constant for a label: its exact name, then in upper case, then ignoring case where only one fits. */
final class EnumNames {

    private static final ClassValue<Map<String, Object>> CONSTANTS = new ClassValue<>() {
        @Override
        protected Map<String, Object> computeValue(Class<?> type) {
            Map<String, Object> constants = new HashMap<>();
            Object[] all = type.getEnumConstants();
            for (Object constant : all == null ? new Object[0] : all) {
                constants.put(((Enum<?>) constant).name(), constant);
            }
            return constants;
        }
    };

    private EnumNames() {}

    static Object constant(Class<?> type, String label) {
        Map<String, Object> constants = CONSTANTS.get(type);
        Object found = constants.get(label);
        if (found == null) {
            found = constants.get(label.toUpperCase(Locale.ROOT));
        }
        if (found == null) {
            found = ignoringCase(constants, label);
        }
        if (found == null) {
            throw new ValueException("no constant has the label's name; there are "
                    + String.join(", ", constants.keySet().stream().sorted().toList()));
        }
        return found;
    }

    private static @Nullable Object ignoringCase(Map<String, Object> constants, String label) {
        Object found = null;
        for (Map.Entry<String, Object> entry : constants.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(label)) {
                if (found != null) {
                    return null;
                }
                found = entry.getValue();
            }
        }
        return found;
    }
}
