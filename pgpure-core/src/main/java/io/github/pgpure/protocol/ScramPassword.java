package io.github.pgpure.protocol;

import com.ongres.saslprep.SASLprep;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Passwords as SCRAM takes them (<a href="https://www.rfc-editor.org/rfc/rfc5802">RFC 5802</a>). */
final class ScramPassword {

    private ScramPassword() {}

    /** Derives the keys from a password, which takes as long as the server wants. */
    static ScramKeys.Keys derive(ScramKeys.Source source) {
        var password = new HmacSha256(prepare(source.password()).getBytes(StandardCharsets.UTF_8));
        byte[] salt = Base64.getDecoder().decode(source.salt());
        var salted = new HmacSha256(password.pbkdf2(salt, source.iterations()));
        return new ScramKeys.Keys(
                salted.of("Client Key".getBytes(StandardCharsets.US_ASCII)),
                salted.of("Server Key".getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * The password after SASLprep (<a href="https://www.rfc-editor.org/rfc/rfc4013">RFC 4013</a>), or as it is where that does not allow it:
     * PostgreSQL does the same, on both sides.
     */
    static String prepare(String password) {
        // SASLprep keeps the printable ones, and allows no others: either way nothing changes, and no table is needed.
        if (isAscii(password)) {
            return password;
        }
        try {
            String prepared = new SASLprep().prepareStored(password);
            return prepared.isEmpty() ? password : prepared;
        } catch (IllegalArgumentException e) {
            return password;
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7F) {
                return false;
            }
        }
        return true;
    }
}
