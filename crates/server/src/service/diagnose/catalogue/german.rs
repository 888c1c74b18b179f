//! The diagnoses in German, for the pages of the portal. Names between quotation marks are those of the providers' consoles, which are
//! in English; `{idp}` stands in the dative.

use super::Entry;
use crate::service::diagnose::provider::{self, Words};

entries! {
    "D01": "Seit der Token erzeugt wurde, ist in {minutes} Minuten nichts von {idp} angekommen.",
        "Die Verbindung wurde noch nicht getestet, die Adresse wurde nicht ganz kopiert, oder dieser Server ist aus dem Internet nicht erreichbar.",
        "Tragen Sie bei {idp} {url} ein bei {url_field} und den Token bei {token_field}, und lösen Sie {test} aus. Kommt auch dann nichts an, prüfen Sie, ob die Adresse von außen über https antwortet.";
    "D02": "Die Anfrage enthielt keine Zugangsdaten.",
        "Bei {idp} ist kein Token eingetragen, oder es ist eine andere Art der Anmeldung gewählt.",
        "Tragen Sie den Token ein bei {token_field}. Wählen Sie in Okta HTTP Header, nicht OAuth 2.0 und nicht Basic Auth.";
    "D02.unreadable": "Die Anfrage enthielt {seen}.",
        "Das Feld für den Token ist leer, oder es steht nur das Wort Bearer oder Basic darin.",
        "Tragen Sie den Token ein bei {token_field}.";
    "D03.bare-token": "Der Token kam ohne das Wort Bearer davor; er wurde angenommen.",
        "Das Feld sendet, was darin steht, unverändert.",
        "Es ist nichts zu tun. Ganz richtig wäre das Wort Bearer und ein Leerzeichen vor dem Token bei {token_field}.";
    "D03.doubled-scheme": "Das Wort Bearer kam doppelt; der Token wurde angenommen.",
        "Das Feld fügt das Wort selbst hinzu, und es wurde auch eingegeben.",
        "Es ist nichts zu tun. Ganz richtig wäre es, das Wort Bearer wegzulassen bei {token_field}.";
    "D03.other-scheme": "Der Token kam mit einem anderen Wort als Bearer davor; er wurde angenommen.",
        "Bei {idp} wurde der Name des Verfahrens im Kopf der Anfrage geändert.",
        "Es ist nichts zu tun. Ganz richtig wäre Bearer.";
    "D04": "Der Token gehört zu einem anderen Verzeichnis Ihrer Organisation, {directory}.",
        "Die Adresse der einen Verbindung wurde mit dem Token einer anderen zusammengebracht.",
        "Benutzen Sie den Token dieses Verzeichnisses, oder für {directory} die Adresse {other_url}.";
    "D05.revoked": "Der Token {token} wurde am {at} widerrufen, von {by}.",
        "Bei {idp} steht noch ein Token, der zurückgezogen wurde.",
        "Erzeugen Sie einen neuen Token für dieses Verzeichnis und tragen Sie ihn ein bei {token_field}.";
    "D05.expired": "Der Token {token} ist am {at} abgelaufen.",
        "Token gelten bis zu einem Ende; dieses ist erreicht.",
        "Erzeugen Sie einen neuen Token für dieses Verzeichnis und tragen Sie ihn ein bei {token_field}.";
    "D06": "Der Token ist unbekannt; er hat {length} Zeichen, und die von Doorward haben {wanted}.",
        "Er wurde falsch abgeschrieben, abgeschnitten oder für etwas anderes erzeugt.",
        "Kopieren Sie den ganzen Token nach {token_field}. Er wird nur einmal gezeigt: Ist er verloren, erzeugen Sie einen neuen.";
    "D06.cut": "Der Token sieht abgeschnitten aus: {length} von {wanted} Zeichen.",
        "Er beginnt wie der Token {token}, und sein Ende fehlt.",
        "Kopieren Sie den ganzen Token {token} nach {token_field}, oder erzeugen Sie einen neuen.";
    "D06.longer": "Der Token ist zu lang: {length} statt {wanted} Zeichen.",
        "Er beginnt wie der Token {token}; etwas wurde dahinter eingefügt.",
        "Leeren Sie {token_field} und fügen Sie den Token allein ein, ohne Anführungszeichen und Leerzeichen.";
    "D06.altered": "Der Token ähnelt dem Token {token} und ist nicht derselbe.",
        "Beim Abschreiben wurde ein Buchstabe verändert.",
        "Kopieren Sie den Token {token} nach {token_field}, statt ihn abzuschreiben, oder erzeugen Sie einen neuen.";
    "D06.api-key": "Der Token ist ein Schlüssel für die API der Anwendung (sk_...), kein SCIM-Token.",
        "Die beiden Arten von Zugangsdaten wurden verwechselt.",
        "Tragen Sie den SCIM-Token dieses Verzeichnisses (dw_...) ein bei {token_field}, und widerrufen Sie den Schlüssel: Er gehört nicht zu {idp}.";
    "D06.kind": "Dieses Verzeichnis erwartet {wanted}.",
        "Bei {idp} ist eine andere Art der Anmeldung eingestellt als die, für die dieses Verzeichnis angelegt wurde.",
        "Stellen Sie bei {idp} die Anmeldung um auf {wanted}, mit den Zugangsdaten, die für dieses Verzeichnis gezeigt wurden.";
    "D07.prefix": "Dem Pfad {sent} fehlt der Anfang.",
        "Bei {url_field} wurde nur der Server oder ein Teil der Adresse eingetragen.",
        "Tragen Sie bei {url_field} diese ganze Adresse ein: {url}";
    "D07.doubled": "Der Pfad {sent} enthält die Basisadresse doppelt.",
        "Die Adresse wurde hinter eine andere eingefügt, oder ein Teil davon wird bei {idp} von selbst hinzugefügt.",
        "Leeren Sie {url_field} und tragen Sie dort diese Adresse ein: {url}";
    "D07.endpoint": "Der Pfad {sent} nennt einen Endpunkt doppelt.",
        "Am Ende der Basisadresse wurde /Users oder /Groups eingetragen; das wird von selbst hinzugefügt.",
        "Tragen Sie die Adresse ohne dies ein bei {url_field}: {url}";
    "D07.version": "Der Pfad {sent} nennt eine Version von SCIM, die es hier nicht gibt.",
        "Die Adresse wurde von Hand geändert.",
        "Tragen Sie diese Adresse ein bei {url_field}: {url}";
    "D07.label": "Der Token öffnet dieses Verzeichnis, aber die Adresse nennt ein anderes.",
        "Die Adresse wurde falsch abgeschrieben oder gehört zu einer anderen Verbindung.",
        "Tragen Sie diese Adresse ein bei {url_field}: {url}";
    "D07.unknown": "Unter {sent} ist nichts.",
        "Die Adresse wurde falsch abgeschrieben; auch Groß- und Kleinschreibung zählt.",
        "Tragen Sie diese Adresse ein bei {url_field}: {url}";
    "D07.slashes": "Der Pfad {sent} hat einen Schrägstrich zu viel; er wurde verstanden.",
        "Die Adresse wurde mit einem Schrägstrich am Ende eingetragen.",
        "Es ist nichts zu tun. Ganz richtig wäre diese Adresse bei {url_field}: {url}";
    "D08.older": "Die Anfrage spricht SCIM 1.1, kam aber an die Adresse für SCIM 2.0 ({sent}).",
        "Die Anwendung bei {idp} ist eine für SCIM 1.1.",
        "Nehmen Sie eine Anwendung für SCIM 2.0, oder tragen Sie bei {url_field} die Adresse für SCIM 1.1 ein: {url}";
    "D08.newer": "Die Anfrage spricht SCIM 2.0, kam aber an die Adresse für SCIM 1.1 ({sent}).",
        "Die Anwendung bei {idp} ist eine für SCIM 2.0.",
        "Tragen Sie bei {url_field} die Adresse für SCIM 2.0 ein: {url}";
    "D09": "{count} Personen wurden gesucht, nicht gefunden und nicht angelegt.",
        "Von {idp} aus dürfen hier Personen gesucht, aber nicht angelegt werden.",
        "Schalten Sie ein: {create}. Senden Sie die Personen danach noch einmal: {again}.";
    "D10": "Die Verbindung steht seit {minutes} Minuten, und noch ist keine Person gekommen.",
        "Der Anwendung ist niemand zugewiesen, oder die Zuweisung geschah, bevor die Bereitstellung eingeschaltet wurde.",
        "Sehen Sie nach: {assign}. Beginnen Sie mit einer Testperson.";
    "D11": "Der userName {name} ist keine E-Mail-Adresse; er wurde angenommen.",
        "Als Benutzername wird bei {idp} ein anderes Attribut gesendet.",
        "Wenn die Anwendung ihre Personen an der E-Mail-Adresse erkennt, ändern Sie die Quelle des Benutzernamens: {mapping} (in Okta: Application username format > Email).";
    "D12": "Der Name {name} ist vergeben: an {id}, {state}, angelegt am {created_at}, mit der Kennung {external_id} des Identitätsanbieters.",
        "Die Person oder Gruppe gibt es hier schon: Eine andere Zuweisung oder Verbindung von {idp} hat sie angelegt, oder ihre Löschung kam nicht an.",
        "Lassen Sie den vorhandenen Eintrag übernehmen (Abgleich über userName), benennen Sie einen der beiden um, oder löschen Sie den hiesigen, wenn niemand ihn braucht.";
    "D12.other": "Die Änderung widerspricht einem vorhandenen Eintrag: {detail}",
        "Ein Wert, den es nur einmal geben darf, ist in Gebrauch.",
        "Benennen Sie bei {idp} einen der beiden Einträge um.";
    "D13": "{waiting} Mitglieder dieser Gruppe sind hier noch nicht bekannt.",
        "Die Gruppe wurde vor ihren Personen gesendet, oder einige davon sind der Anwendung nicht zugewiesen.",
        "Weisen Sie diese Personen der Anwendung zu: {assign}. Sie treten der Gruppe von selbst bei, wenn sie ankommen. Nehmen Sie zum Zuweisen eine andere Gruppe als zum Übertragen.";
    "D13.empty": "Die Gruppe kam ohne Mitglieder.",
        "Viele Identitätsanbieter senden zuerst die Gruppe und in einer zweiten Anfrage ihre Mitglieder; sonst ist sie dort leer.",
        "Bleibt sie leer, prüfen Sie bei {idp} ihre Mitglieder, und ob diese Personen der Anwendung zugewiesen sind.";
    "D14.members": "{count} deaktivierte Personen sind noch Mitglieder übertragener Gruppen.",
        "Wahrscheinlich wird dieselbe Gruppe zum Zuweisen und zum Übertragen benutzt, so dass die Übertragung endet, bevor die Mitglieder gehen.",
        "Nehmen Sie bei {idp} zwei Gruppen: eine zum Zuweisen der Personen, eine andere zum Übertragen: {push}.";
    "D14.replaced": "Die Gruppe {id} wurde innerhalb einer Stunde {count} Mal im Ganzen ersetzt.",
        "Zwei Einstellungen bei {idp} schreiben dieselbe Gruppe, oder eine Gruppe wird zum Zuweisen und zum Übertragen benutzt.",
        "Nehmen Sie bei {idp} zwei Gruppen, und übertragen Sie jede einmal: {push}.";
    "D15": "Von {idp} wurde die Verbindung vor {minutes} Minuten getestet, und die Bereitstellung hat noch nicht begonnen.",
        "Der Test allein sendet niemanden.",
        "Drücken Sie \"Start provisioning\"; der erste Durchgang dauert bis zu 40 Minuten. Für eine einzelne Person sofort: \"Provision on demand\".";
    "D16": "Die Anfrage weicht vom Standard ab und wurde verstanden: {names}.",
        "Das sind bekannte Gewohnheiten von Identitätsanbietern.",
        "Es ist nichts zu tun.";
    "D17": "{attribute} hat den Wert {value}, der nicht in seiner Liste steht ({offered}).",
        "Der Wert ist bei {idp} anders geschrieben, oder die Liste hat sich geändert.",
        "Senden Sie einen Wert der Liste (am nächsten liegt {closest}), zu ändern unter {mapping}, oder nehmen Sie den Wert in die Liste auf.";
    "D18": "{attribute} kam unter {received}; erwartet wird es unter {expected}.",
        "Das Attribut wurde bei {idp} ohne seinen Namensraum angelegt, oder mit einem anderen.",
        "Geben Sie dem Attribut den Namensraum {expected}: {mapping} (in Okta: \"External namespace\" des Attributs).";
    "D19": "Es fehlt: {attributes}.",
        "Für das Attribut gibt es bei {idp} keine Zuordnung, oder es ist bei dieser Person leer.",
        "Ordnen Sie das Attribut zu ({mapping}), und füllen Sie es bei den Personen aus, denen es fehlt.";
    "D20": "Es kamen zu viele Anfragen; diese wurde gebeten, in {seconds} Sekunden wiederzukommen.",
        "Es gibt eine Grenze, wie viele Anfragen auf einmal angenommen werden, und eine niedrigere für ungültige Zugangsdaten.",
        "Nichts ist verloren: Die Anfrage wird von {idp} wiederholt. Geschieht es mit gültigen Zugangsdaten immer wieder, sagen Sie es dem Betreiber.";
    "D21.json": "Der Inhalt ({bytes} Bytes) ist kein JSON: {detail}",
        "Eine Vorlage bei {idp} wurde bearbeitet und ist nicht mehr gültig, oder etwas auf dem Weg hat den Inhalt verändert.",
        "Berichtigen Sie die Vorlage an der genannten Stelle ({mapping}).";
    "D21.message": "Der Inhalt ist nicht die Nachricht, die hierher gehört: {detail}",
        "Eine Vorlage bei {idp} wurde bearbeitet, oder es wurde eine andere Art von Nachricht gesendet.",
        "Berichtigen Sie die Vorlage ({mapping}).";
    "D21.size": "Der Inhalt ({bytes} Bytes) ist zu groß: {detail}",
        "Eine sehr große Gruppe wurde in einem Stück gesendet, oder unter den Attributen einer Person ist ein Bild.",
        "Senden Sie die Gruppe in kleineren Schritten, oder lassen Sie das große Attribut weg ({mapping}); der Betreiber kann die Grenze erhöhen.";
    "D21.type": "Der Inhalt kam als {content_type}: {detail}",
        "Bei {idp} oder von einem Proxy dazwischen wird eine andere Art von Inhalt genannt, oder der Inhalt wird komprimiert.",
        "Stellen Sie den Content-Type auf application/scim+json, und schalten Sie die Komprimierung von Anfragen aus.";
    "D21.slow": "Der Inhalt kam nicht rechtzeitig an: {detail}",
        "Das Netz oder ein Proxy dazwischen ist langsam oder hält Anfragen zurück.",
        "Die Anfrage wird von {idp} wiederholt; geschieht es oft, sehen Sie nach dem Proxy.";
    "D22": "{kind} {id} gibt es hier nicht.",
        "Bei {idp} ist eine Kennung gespeichert, die zu einem anderen Verzeichnis oder zu einer neu eingerichteten Verbindung gehört.",
        "Lassen Sie neu suchen: {again}.";
    "D22.deleted": "{kind} {id} wurde hier am {at} gelöscht.",
        "Bei {idp} ist noch die Kennung eines Eintrags gespeichert, den es nicht mehr gibt; Kennungen werden nie wieder vergeben.",
        "Lassen Sie neu anlegen: {again}.";
    "D23": "{name} wurde innerhalb einer Stunde {count} Mal zwischen aktiv und inaktiv umgeschaltet (zuletzt am {times}).",
        "Zwei Zuweisungen bei {idp} widersprechen sich, oder zwei Anwendungen dort schreiben in dieses Verzeichnis.",
        "Suchen Sie die Zuweisungen der Person bei {idp}, und lassen Sie eine davon.";
    "D24": "{count} von {total} Personen wurden innerhalb von zehn Minuten deaktiviert, am {at}.",
        "Bei {idp} wurde eine Zuweisung, eine Gruppe oder ein Geltungsbereich entfernt, vielleicht aus Versehen.",
        "War es nicht gewollt, weisen Sie die Personen bei {idp} wieder zu: Sie sind nur deaktiviert, und nichts von ihnen ist verloren. War es gewollt, ist nichts zu tun.";
}

const OKTA: Words = Words {
    name: "Okta",
    url_field: "\"SCIM connector base URL\" (Provisioning > Integration; bei Apps aus dem Katalog \"Base URL\")",
    token_field: "\"Authorization\" unter Authentication Mode \"HTTP Header\" (bei Apps aus dem Katalog \"OAuth Bearer Token\" oder \"API Token\")",
    test: "\"Test Connector Configuration\" (bei Apps aus dem Katalog \"Test API Credentials\")",
    create: "\"Create Users\" unter Provisioning > To App",
    assign: "Karteireiter \"Assignments\"; bei Personen, die vor der Bereitstellung zugewiesen wurden, \"Provision User\"",
    push: "Karteireiter \"Push Groups\"",
    mapping: "Provisioning > To App > Attribute Mappings, und das Profil der App im Profile Editor",
    again: "Zuweisung der Person aufheben und neu zuweisen; eine Gruppe unter Push Groups trennen und neu übertragen",
};

const ENTRA: Words = Words {
    name: "Microsoft Entra ID",
    url_field: "\"Tenant URL\" (Provisioning > Admin Credentials)",
    token_field: "\"Secret Token\" (Provisioning > Admin Credentials)",
    test: "\"Test Connection\"",
    create: "\"Create\" unter Provisioning > Mappings > Provision Microsoft Entra ID Users > Target Object Actions",
    assign: "\"Users and groups\" der Unternehmensanwendung, danach \"Start provisioning\" oder \"Provision on demand\"",
    push: "\"Users and groups\" der Unternehmensanwendung, mit eingeschaltetem Provision Microsoft Entra ID Groups",
    mapping: "Provisioning > Mappings > Provision Microsoft Entra ID Users",
    again: "\"Provision on demand\" für die Person oder Gruppe, oder die Bereitstellung neu starten",
};

const ONELOGIN: Words = Words {
    name: "OneLogin",
    url_field: "\"SCIM Base URL\" (Configuration)",
    token_field: "\"SCIM Bearer Token\" (Configuration)",
    test: "\"Enable\" neben API Status",
    create: "\"Enable provisioning\" unter Provisioning, ohne dass \"Create user\" auf eine Freigabe wartet",
    assign: "Karteireiter \"Users\" oder die Access rules der Anwendung",
    push: "Rules, die Gruppen setzen, mit Groups unter Parameters",
    mapping: "Parameters, und \"SCIM JSON Template\" unter Configuration",
    again: "die Person unter Users öffnen und \"Reapply entitlement mappings\" wählen, oder die Anwendung entfernen und neu hinzufügen",
};

const JUMPCLOUD: Words = Words {
    name: "JumpCloud",
    url_field: "\"Base URL\" (Identity Management)",
    token_field: "\"Token Key\" (Identity Management)",
    test: "\"Test Connection\"",
    create: "die Verbindung unter Identity Management",
    assign: "Karteireiter \"User Groups\" der Anwendung",
    push: "\"Enable management of User Groups and Group Membership in this application\"",
    mapping: "Attribute Mapping unter Identity Management",
    again: "die Person aus der Benutzergruppe der Anwendung entfernen und wieder hinzufügen",
};

const PING: Words = Words {
    name: "Ping",
    url_field: "\"SCIM Base URL\" der ausgehenden Verbindung (in PingFederate \"Users Resource URL\" und \"Groups Resource URL\")",
    token_field: "\"OAuth Access Token\" mit der Authentication Method \"OAuth 2 Bearer Token\", oder Benutzername und Passwort",
    test: "\"Test Connection\"",
    create: "\"Create Users\" unter den Aktionen der Verbindung, und eine Rule, die sie mit einer Population verbindet",
    assign: "der Benutzerfilter der Rule",
    push: "die Gruppen in der Rule",
    mapping: "Attribute Mapping der Rule",
    again: "eine vollständige Synchronisierung der Verbindung auslösen",
};

const GENERIC: Words = Words {
    name: "Ihrem Identitätsanbieter",
    url_field: "der SCIM-Basisadresse",
    token_field: "dem SCIM-Token",
    test: "den Verbindungstest",
    create: "das Anlegen von Personen in den Einstellungen der Bereitstellung",
    assign: "die Zuweisung von Personen zur Anwendung",
    push: "die Übertragung von Gruppen",
    mapping: "die Zuordnung der Attribute",
    again: "die Person oder Gruppe aus der Anwendung entfernen und wieder hinzufügen",
};

/// The words for a directory of this type.
pub fn words(directory_type: &str) -> &'static Words {
    match provider::words(directory_type).name {
        "Okta" => &OKTA,
        "Microsoft Entra ID" => &ENTRA,
        "OneLogin" => &ONELOGIN,
        "JumpCloud" => &JUMPCLOUD,
        "Ping" => &PING,
        _ => &GENERIC,
    }
}

/// Words of our own that stand in a parameter. What somebody sent is never translated.
pub fn parameter<'a>(name: &str, value: &'a str) -> &'a str {
    match (name, value) {
        ("state", "active") => "aktiv",
        ("state", "inactive") => "inaktiv",
        ("external_id" | "closest", "none") => "keine",
        ("by", "the operator") => "dem Betreiber",
        ("by", "the application") => "der Anwendung",
        ("by", "an administrator of the organization") => "jemandem aus der Verwaltung der Organisation",
        ("kind", "user") => "Die Person",
        ("kind", "group") => "Die Gruppe",
        ("seen", "two credentials") => "zweierlei Zugangsdaten",
        ("seen", "an Authorization header without a credential that can be read") => {
            "einen Kopf Authorization ohne lesbare Zugangsdaten"
        }
        ("wanted", "a bearer token") => "einen Bearer-Token",
        ("wanted", "user name and password (HTTP Basic)") => "Benutzername und Passwort (HTTP Basic)",
        ("received", "the top level, without any namespace") => "der obersten Ebene, ohne Namensraum",
        ("bytes", "an unknown number of") => "unbekannt viele",
        (_, value) => value,
    }
}
