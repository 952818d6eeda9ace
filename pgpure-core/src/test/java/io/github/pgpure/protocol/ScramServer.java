package io.github.pgpure.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of SCRAM-SHA-256, computed from RFC 5802 alone, with ways to get it wrong. */
public final class ScramServer {

    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final String password;
    private final int iterations;

    private String gs2Header = "";
    private String clientFirstBare = "";
    private String serverFirst = "";

    public ScramServer(String password, int iterations) {
        this.password = password;
        this.iterations = iterations;
    }

    /** The server-first-message for this client-first-message. */
    public byte[] first(byte[] clientFirst) {
        String message = text(clientFirst);
        int bare = message.indexOf(",,") + 2;
        gs2Header = message.substring(0, bare);
        clientFirstBare = message.substring(bare);
        String clientNonce = clientFirstBare.substring(clientFirstBare.indexOf(",r=") + 3);
        return first(clientNonce + "SERVERNONCE", Base64.getEncoder().encodeToString(SALT), String.valueOf(iterations));
    }

    /** Any server-first-message. */
    public byte[] first(String nonce, String salt, String iterationCount) {
        serverFirst = "r=" + nonce + ",s=" + salt + ",i=" + iterationCount;
        return bytes(serverFirst);
    }

    /** The server-final-message for this client-final-message; an error message where the client's proof is wrong. */
    public byte[] last(byte[] clientFinal, byte[] channelBindingData) {
        try {
            String message = text(clientFinal);
            String withoutProof = message.substring(0, message.indexOf(",p="));
            byte[] proof = Base64.getDecoder().decode(message.substring(message.indexOf(",p=") + 3));
            byte[] binding = Base64.getDecoder().decode(withoutProof.substring(2, withoutProof.indexOf(",r=")));
            byte[] header = bytes(gs2Header);
            byte[] expectedBinding = Arrays.copyOf(header, header.length + channelBindingData.length);
            System.arraycopy(channelBindingData, 0, expectedBinding, header.length, channelBindingData.length);
            if (!Arrays.equals(binding, expectedBinding)) {
                return bytes("e=channel-bindings-dont-match");
            }
            byte[] authMessage = bytes(clientFirstBare + "," + serverFirst + "," + withoutProof);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, iterations, 256))
                    .getEncoded();
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(hmac(salted, bytes("Client Key")));
            byte[] signature = hmac(storedKey, authMessage);
            for (int i = 0; i < proof.length; i++) {
                proof[i] ^= signature[i];
            }
            if (!Arrays.equals(MessageDigest.getInstance("SHA-256").digest(proof), storedKey)) {
                return bytes("e=invalid-proof");
            }
            byte[] serverSignature = hmac(hmac(salted, bytes("Server Key")), authMessage);
            return bytes("v=" + Base64.getEncoder().encodeToString(serverSignature));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
