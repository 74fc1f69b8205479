"""Delivery reports as servers write them. Shapes after the software and services they name; the
letter they bring back is always ours: <m17.a1b2@desk.demo.example> from support@demo.example."""

from __future__ import annotations

OURS = """From: Demo <support@demo.example>
Reply-To: Demo <support@demo.example>
To: {to}
Subject: Re: [#4812] Hello
X-Otklik-Desk: abc
Message-ID: <m17.a1b2@desk.demo.example>
"""


def _plain(
    sender: str, subject: str, text: str, *more: str, to: str = "olga@polden.example"
) -> str:
    head = [
        "Return-Path: <>",
        f"From: {sender}",
        "To: support@demo.example",
        f"Subject: {subject}",
        "Message-ID: <report@server.example>",
        "Date: Fri, 20 Nov 2026 13:10:22 +0300",
        *more,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return "\n".join(head) + "\n\n" + text.replace("{ours}", OURS.format(to=to))


def _report(
    sender: str,
    subject: str,
    text: str,
    status: str,
    *,
    returned: str = "message/rfc822",
    kind: str = "delivery-status",
    to: str = "olga@polden.example",
) -> str:
    part = "feedback-report" if kind == "feedback-report" else "delivery-status"
    return "\n".join(
        [
            "Return-Path: <>",
            f"From: {sender}",
            "To: support@demo.example",
            f"Subject: {subject}",
            "Message-ID: <report@server.example>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type={kind}; boundary="=b="',
            "",
            "--=b=",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            text,
            "--=b=",
            f"Content-Type: message/{part}",
            "",
            status,
            "--=b=",
            f"Content-Type: {returned}",
            "",
            OURS.format(to=to),
            "Hello Olga",
            "--=b=--",
            "",
        ]
    )


POSTFIX = _report(
    "MAILER-DAEMON@mx.polden.example (Mail Delivery System)",
    "Undelivered Mail Returned to Sender",
    "This is the mail system at host mx.polden.example.\n\n"
    "<olga@polden.example>: host 127.0.0.1 said: 550 5.1.1 User unknown",
    "Reporting-MTA: dns; mx.polden.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n",
)
POSTFIX_DELAYED = _report(
    "MAILER-DAEMON@mx.demo.example (Mail Delivery System)",
    "Delayed Mail (still being retried)",
    "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
    "Reporting-MTA: dns; mx.demo.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: delayed\nStatus: 4.4.1\n"
    "Diagnostic-Code: X-Postfix; connect to mx.polden.example: Connection timed out\n"
    "Will-Retry-Until: Wed, 25 Nov 2026 13:10:20 +0300\n",
    returned="text/rfc822-headers",
)
EXPIRED = _report(
    "MAILER-DAEMON@mx.demo.example",
    "Undelivered Mail Returned to Sender",
    "The mail system could not reach the other side for five days.",
    "Reporting-MTA: dns; mx.demo.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: failed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; connect to mx: refused\n",
)
DELIVERED = _report(
    "MAILER-DAEMON@mx.polden.example",
    "Successful Mail Delivery Report",
    "This is the mail system at host mx.polden.example.",
    "Reporting-MTA: dns; mx.polden.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: delivered\nStatus: 2.0.0\n",
)
TWO_RECIPIENTS = _report(
    "MAILER-DAEMON@mx.polden.example",
    "Undelivered Mail Returned to Sender",
    "Two of them.",
    "Reporting-MTA: dns; mx.polden.example\n\n"
    "Original-Recipient: rfc822;olga@polden.example\n"
    "Final-Recipient: rfc822; o.nesterova@inner.polden.example\n"
    "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\n\n"
    "Final-Recipient: rfc822; petr@polden.example\nAction: failed\nStatus: 5.7.1\n"
    "Diagnostic-Code: smtp; 554 5.7.1 Message rejected as spam by Content Filtering\n",
    to="olga@polden.example, petr@polden.example",
)
SENDMAIL = _report(
    "Mail Delivery Subsystem <MAILER-DAEMON@mx.polden.example>",
    "Returned mail: see transcript for details",
    "The original message was received at Fri, 20 Nov 2026 13:10:22 +0300\n\n"
    "   ----- The following addresses had permanent fatal errors -----\n"
    "<olga@polden.example>\n    (reason: 550 5.1.1 <olga@polden.example>... User unknown)\n",
    "Reporting-MTA: dns; mx.polden.example\n\nFinal-Recipient: RFC822; olga@polden.example\n"
    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: SMTP; 550 5.1.1 User unknown\n",
    returned="text/rfc822-headers",
)
# Office 365 writes in the language of its tenant; the report part is English everywhere.
OFFICE_RU = _report(
    "=?utf-8?q?postmaster?= <postmaster@polden.onmicrosoft.example>",
    "=?utf-8?b?0J3QtSDRg9C00LDQu9C+0YHRjCDQtNC+0YHRgtCw0LLQuNGC0Yw6IFsjNDgxMl0=?=",
    "Не удалось доставить сообщение для olga@polden.example.\nolga не найден в polden.example.",
    "Reporting-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchange.example\n\n"
    "Final-Recipient: rfc822;olga@polden.example\nAction: failed\nStatus: 5.1.10\n"
    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient\n"
    " olga@polden.example not found by SMTP address lookup\n",
)
GMAIL = _report(
    "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    "Delivery Status Notification (Failure)",
    "** Address not found **\n\nYour message wasn't delivered to olga@polden.example because the "
    "address couldn't be found, or is unable to receive mail.",
    "Reporting-MTA: dns; googlemail.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you "
    "tried to reach does not exist.\n",
)
GMAIL_INCOMPLETE = _report(
    "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    "Delivery Status Notification (Delay)",
    "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to "
    "olga@polden.example. Gmail will retry for 46 more hours.",
    "Reporting-MTA: dns; googlemail.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: delayed\nStatus: 4.4.1\n",
)
SES = _report(
    "MAILER-DAEMON@amazonses.example",
    "Delivery Status Notification (Failure)",
    "An error occurred while trying to deliver the mail to the following recipients:\n"
    "olga@polden.example",
    "Reporting-MTA: dns; a8-50.smtp-out.amazonses.example\n\nAction: failed\n"
    "Final-Recipient: rfc822; olga@polden.example\n"
    "Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over quota\n"
    "Status: 5.2.2\n",
)
MAILGUN = _report(
    "Mail Delivery System <postmaster@mg.demo.example>",
    "Undeliverable: Re: [#4812] Hello",
    "Your message could not be delivered.",
    "Reporting-MTA: dns; mailgun.example\n\nFinal-Recipient: rfc822; olga@polden.example\n"
    "Action: failed\nStatus: 5.0.0\n"
    "Diagnostic-Code: smtp; 550 Requested action not taken: mailbox unavailable\n",
)
COMMUNIGATE = _report(
    "MAILER-DAEMON@mail.polden.example",
    "Undeliverable mail: Re: [#4812] Hello",
    "Failed to deliver to 'olga@polden.example'\nLOCAL module(account olga) reports:\n"
    " mailbox is full (quota exceeded)\n",
    "Reporting-MTA: dns; mail.polden.example\n\n"
    "Original-Recipient: rfc822;<olga@polden.example>\n"
    "Final-Recipient: system;<olga@polden.example>\nAction: failed\nStatus: 5.0.0\n",
)
ICLOUD = _report(
    "postmaster@icloud.example",
    "Undelivered Mail Returned to Sender",
    "This report relates to a message you sent.",
    "Reporting-MTA: dns;p00-icloudmta\n\nFinal-Recipient: rfc822;olga@polden.example\n"
    "Action: failed\nStatus: 5.1.1 (bad destination mailbox address)\n"
    "Diagnostic-Code: smtp;550 5.1.1 <olga@polden.example>: inactive email address\n",
)
COMPLAINT = _report(
    "complaints@provider.example",
    "FW: Re: [#4812] Hello",
    "This is an email abuse report for an email message received from IP 192.0.2.1.",
    "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
    "Original-Mail-From: <support@demo.example>\nOriginal-Rcpt-To: <olga@polden.example>\n",
    kind="feedback-report",
)
EXIM = _plain(
    "Mail Delivery System <Mailer-Daemon@mx.polden.example>",
    "Mail delivery failed: returning message to sender",
    """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  olga@polden.example
    host mx.polden.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<olga@polden.example>:
    550 No such user here

------ This is a copy of the message, including all the headers. ------

Return-path: <support@demo.example>
Received: from [192.0.2.1] (helo=desk)
{ours}
Hello Olga
""",
    "X-Failed-Recipients: olga@polden.example",
    "Auto-Submitted: auto-replied",
)
EXIM_WARNING = _plain(
    "Mail Delivery System <Mailer-Daemon@mx.demo.example>",
    "Warning: message 1abcDE-0001-Xy delayed 24 hours",
    """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.demo.example.

  olga@polden.example
    Delay reason: host mx.polden.example: 451 4.7.1 Greylisting in action, please come back later

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated.
""",
    "Auto-Submitted: auto-replied",
    "References: <m17.a1b2@desk.demo.example>",
)
QMAIL = _plain(
    "MAILER-DAEMON@mx.polden.example",
    "failure notice",
    """Hi. This is the qmail-send program at mx.polden.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<olga@polden.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <support@demo.example>
Received: (qmail 12345 invoked by uid 89); 20 Nov 2026 10:10:22 -0000
{ours}
Hello Olga
""",
)
YANDEX = _report(
    "mailer-daemon@yandex.example",
    "=?utf-8?b?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtSDRgdC+0L7QsdGJ0LXQvdC40LU=?=",
    "Это сообщение отправлено почтовым сервером yandex.example.\n\n"
    "К сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может\n"
    "быть отправлено одному или нескольким адресатам. Технические подробности можно найти ниже.\n\n"
    "<olga@polden.example>: host mx.polden.example said: 550 5.7.1 No such user!",
    "Reporting-MTA: dns; forward100.mail.yandex.example\n\n"
    "Final-Recipient: rfc822; olga@polden.example\nAction: failed\nStatus: 5.7.1\n"
    "Diagnostic-Code: smtp; 550 5.7.1 No such user!\n",
)
MAIL_RU = _plain(
    "mailer-daemon@corp.mail.ru.example",
    "Mail failure.",
    """Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.

К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

**********************
olga@polden.example
Ящик получателя переполнен
**********************

Заголовки исходного письма:

{ours}
""",
)
MAIL_RU_UNKNOWN = _plain(
    "mailer-daemon@corp.mail.ru.example",
    "Mail failure.",
    """Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.

К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

**********************
olga@polden.example
Пользователь не найден
**********************

Заголовки исходного письма:

{ours}
""",
)
RAMBLER = _plain(
    "Mail Delivery System <MAILER-DAEMON@rambler.example>",
    "Undelivered Mail Returned to Sender",
    """Почтовая система Rambler сообщает, что Ваше письмо не доставлено.

<olga@polden.example>: 550 5.2.1 Почтовый ящик заблокирован

Исходное сообщение:

{ours}
""",
)
YAHOO = _plain(
    "MAILER-DAEMON@yahoo.example",
    "Failure Notice",
    """Sorry, we were unable to deliver your message to the following address.

<olga@polden.example>:
554: delivery error: dd This user doesn't have a polden.example account (olga@polden.example) [0]

--- Below this line is a copy of the message.

{ours}
Hello Olga
""",
)
DOMINO = _plain(
    "postmaster@polden.example",
    "DELIVERY FAILURE: User olga (olga@polden.example) not listed in Domino Directory",
    """Your message

  Subject: Re: [#4812] Hello

was not delivered to:

  olga@polden.example

because:

  User olga (olga@polden.example) not listed in Domino Directory
""",
    "References: <m17.a1b2@desk.demo.example>",
)
EXCHANGE_TEXT_FR = _plain(
    "Postmaster <postmaster@polden.example>",
    "=?utf-8?q?Non_remis_:_Re:_=5B#4812=5D_Hello?=",
    """Échec de la remise à ces destinataires ou groupes :

olga@polden.example
L'adresse de messagerie que vous avez entrée est introuvable. Adresse inconnue.

Message original

{ours}
""",
)
GERMAN = _plain(
    "Mailer-Daemon@provider.example",
    "Mail delivery failed: Unzustellbar",
    """Ihre Nachricht konnte nicht zugestellt werden:

<olga@polden.example>: 552 Das Postfach des Empfängers ist voll (Speicherplatz überschritten)

|------------------------- Message log follows: -------------------------|
{ours}
""",
)
REFUSED = _plain(
    "Mail Delivery System <Mailer-Daemon@mx.demo.example>",
    "Mail delivery failed: returning message to sender",
    """This message was created automatically by mail delivery software.

  olga@polden.example
    SMTP error from remote mail server after end of data:
    554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.example

------ This is a copy of the message, including all the headers. ------

{ours}
""",
    "X-Failed-Recipients: olga@polden.example",
)
