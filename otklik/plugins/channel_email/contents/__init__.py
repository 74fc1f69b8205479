"""What parts hold beside plain text and HTML: Outlook's bundle, RTF, invitations."""
